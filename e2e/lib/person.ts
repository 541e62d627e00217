// A person at a browser: what they can see and do, by the names that assistive technology reads.
import { type APIResponse, type BrowserContext, type Locator, type Page, expect } from '@playwright/test';
import { vaultIsOpen } from './device';
import { holding, named, type Words, words } from './words';
import { PASSWORD, type Persona } from './people';

/** Waits until the page is alive: earlier, a click does what the plain HTML does. */
export async function hydrated(page: Page): Promise<void> {
  await page.locator('html[data-hydrated]').waitFor({ state: 'attached' });
}

/** A person and their browser. */
export class Person {
  /** The names in the language of their screens. */
  words: Words = words('fr');

  constructor(
    readonly page: Page,
    readonly context: BrowserContext,
    readonly origin: string,
    readonly hasScript: boolean,
  ) {}

  /** Opens a page and waits until it is alive. */
  async open(path: string): Promise<void> {
    await this.page.goto(this.origin + path);
    if (this.hasScript) await hydrated(this.page);
  }

  /** Signs in without a screen: the cookie lands in the browser. */
  async signIn(persona: Persona, password = PASSWORD): Promise<void> {
    await this.call('accounts.sign_in', { email: persona.email, password });
  }

  /** Signs out by the page. Its vault is open by then: of a page that still asks for it, the server would refuse the question. */
  async signOut(): Promise<void> {
    await this.open('/parametres/profil');
    if (this.hasScript) await vaultIsOpen(this.page);
    await this.button(this.words.signOut).first().click();
    await expect(this.button(this.words.signIn)).toBeVisible();
  }

  /** Calls an operation with the browser's session; fails the test when it is refused. */
  async call<Answer = Record<string, unknown>>(operation: string, body: object = {}): Promise<Answer> {
    const answer = await this.ask(operation, body);
    expect(answer.status(), `${operation}: ${await answer.text()}`).toBe(200);
    return (await answer.json()) as Answer;
  }

  /** Calls an operation that may be refused. */
  ask(operation: string, body: object = {}): Promise<APIResponse> {
    return this.context.request.post(`${this.origin}/api/v1/${operation}`, { data: body, headers: { origin: this.origin } });
  }

  /** Reads by an operation that changes nothing. */
  async read<Answer = Record<string, unknown>>(operation: string, query: Record<string, string | number> = {}): Promise<Answer> {
    const answer = await this.context.request.get(`${this.origin}/api/v1/${operation}`, { params: query });
    expect(answer.status(), `${operation}: ${await answer.text()}`).toBe(200);
    return (await answer.json()) as Answer;
  }

  /** The id of a person in the directory, by the name as shown. */
  async idOf(persona: Persona): Promise<string> {
    const { people } = await this.call<{ people: { id: string; name: string }[] }>('contacts.search_people', { text: persona.name });
    const found = people.find(({ name }) => named(persona.name).test(name));
    if (!found) throw new Error(`${persona.name} is not in the directory: ${people.map(({ name }) => name).join(', ')}`);
    return found.id;
  }

  /** The id of the conversation with a friend. */
  async conversationWith(persona: Persona): Promise<string> {
    const account = await this.idOf(persona);
    const { conversation } = await this.call<{ conversation: { id: string } }>('conversations.open_conversation', { account });
    return conversation.id;
  }

  /** Opens the conversation with a friend by its address. */
  async openConversation(persona: Persona): Promise<string> {
    const id = await this.conversationWith(persona);
    await this.open(`/messages/${id}`);
    return id;
  }

  /** Sends a message without a screen. */
  async sendByCall(conversation: string, body: string): Promise<void> {
    await this.call('conversations.send_message', { conversation, key: crypto.randomUUID(), body });
  }

  // ── What stands on the screen ──────────────────────────────────────────────────────────────────

  /** A link of the main navigation. */
  tab(name: string): Locator {
    return this.page.getByRole('navigation').getByRole('link', { name: named(name) });
  }

  /** The list of conversations on the home page. */
  get directMessages(): Locator {
    return this.page.getByRole('region', { name: named(this.words.directMessages) });
  }

  /** The home page is there. */
  async expectHome(): Promise<void> {
    await expect(this.page).toHaveURL(/\/accueil$/);
    await expect(this.directMessages).toBeVisible();
  }

  /** The page's heading. */
  heading(name: string): Locator {
    return this.page.getByRole('heading', { level: 1, name: named(name) });
  }

  /** The field that searches people. */
  get searchBox(): Locator {
    return this.page.getByRole('searchbox', { name: named(this.words.search) });
  }

  /** The paper plane of a friend. */
  plane(name: string): Locator {
    return this.page.getByRole('link', { name: named(this.words.write(name)) });
  }

  /** A button by its whole name. */
  button(name: string): Locator {
    return this.page.getByRole('button', { name: named(name) });
  }

  /** The compose box. */
  compose(name: string): Locator {
    return this.page.getByRole('textbox', { name: named(this.words.compose(name)) });
  }

  /** The purple arrow. */
  get arrow(): Locator {
    return this.page.getByRole('button', { name: named(this.words.send) });
  }

  /** The list of messages with a friend. */
  history(name: string): Locator {
    return this.page.getByRole('list', { name: named(this.words.history(name)) });
  }

  /** A message of the open conversation, by its words. */
  message(friend: string, text: string): Locator {
    return this.history(friend).getByRole('listitem', { name: holding(text) });
  }

  /** The notice of a closed channel. */
  get closedNotice(): Locator {
    return this.page.getByRole('status').filter({ hasText: new RegExp(`^\\s*${this.words.closed}`) });
  }

  /** The confirmation that is open. */
  get dialog(): Locator {
    return this.page.getByRole('dialog').or(this.page.getByRole('alertdialog'));
  }

  // ── What they do ──────────────────────────────────────────────────────────────────────────────

  /** Finds a person in the directory. */
  async find(text: string): Promise<void> {
    await this.searchBox.fill(text);
    await this.searchBox.press('Enter');
  }

  /** Writes and presses the arrow. */
  async write(friend: string, text: string): Promise<void> {
    await this.compose(friend).fill(text);
    await this.arrow.click();
  }

  /** Chooses an entry of the conversation's menu. */
  async choose(entry: string): Promise<void> {
    await this.button(this.words.more).click();
    const name = named(entry);
    await this.page.getByRole('menuitem', { name }).or(this.page.getByRole('button', { name })).first().click();
  }

  /** Closes the channel of the open conversation, confirmation included. */
  async closeChannel(): Promise<void> {
    await this.choose(this.words.close);
    await this.dialog.getByRole('button', { name: named(this.words.close) }).click();
  }
}

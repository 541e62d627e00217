// Every page of the product, and how to come to it.
import { ANNE, CAMILLE, ETIENNE_ERGO, LUC, MARC, NADIA, SOPHIE } from './people';
import type { Person } from './person';

/** A page in a state worth looking at. */
export interface View {
  /** Short, for file names and test names. */
  name: string;
  /** Whether somebody is signed in; Camille is. */
  isSignedIn: boolean;
  /** Hardly anybody's first page: its code counts as what comes later, and it may wait for it. */
  isRareFirst?: boolean;
  /** Opens it. */
  open: (person: Person) => Promise<void>;
}

const at = (name: string, path: string, isSignedIn = true): View => ({ name, isSignedIn, open: (person) => person.open(path) });

/** Nothing waits: every message is read, every request answered. Days are mostly like that. */
async function settle(person: Person): Promise<void> {
  const { conversations } = await person.read<{ conversations: Row[] }>('conversations.list_conversations');
  for (const { id, last_message } of conversations) {
    if (last_message) await person.call('conversations.mark_read', { conversation: id, position: last_message.position });
  }
  await person.call('friendships.accept_friend_request', { account: await person.idOf(MARC) });
}

interface Row {
  id: string;
  last_message: { position: number } | null;
}

/** Looks for a word in all messages, with the filters in sight. */
async function search(person: Person, text: string, shown: string): Promise<void> {
  await person.open('/recherche');
  await person.page.locator('.search__filters > summary').click();
  await person.page.locator('#chercher').fill(text);
  await person.page.locator(shown).first().waitFor();
}

/** All of them. */
export const VIEWS: View[] = [
  at('connexion', '/connexion', false),
  // Led here from a page that wants somebody signed in.
  at('connexion-suite', '/connexion?suite=/reseau', false),
  at('aide', '/aide', false),
  at('aide-guide', '/aide'),
  at('hors-ligne', '/hors-ligne', false),
  at('securite', '/parametres/securite'),
  at('accueil', '/accueil'),
  {
    name: 'accueil-lu',
    isSignedIn: true,
    open: async (person) => {
      await settle(person);
      await person.open('/accueil');
    },
  },
  at('reseau', '/reseau'),
  {
    name: 'reseau-a-jour',
    isSignedIn: true,
    open: async (person) => {
      await settle(person);
      await person.open('/reseau');
    },
  },
  {
    name: 'reseau-recherche',
    isSignedIn: true,
    open: async (person) => {
      await person.open('/reseau');
      await person.find('lavoie');
      // The directory has the person too: only a search that is answered takes the tabs away.
      await person.page.locator('.network-tabs').waitFor({ state: 'hidden' });
      await person.button(person.words.request(ETIENNE_ERGO.name)).first().waitFor();
    },
  },
  { name: 'personne-amie', isSignedIn: true, open: async (person) => person.open(`/reseau/${await person.idOf(ANNE)}`) },
  { name: 'personne-demande', isSignedIn: true, open: async (person) => person.open(`/reseau/${await person.idOf(MARC)}`) },
  { name: 'personne-inconnue', isSignedIn: true, open: async (person) => person.open(`/reseau/${await person.idOf(NADIA)}`) },
  {
    name: 'conversation',
    isSignedIn: true,
    open: async (person) => {
      await person.openConversation(ANNE);
      await person.compose(ANNE.name).waitFor();
    },
  },
  {
    name: 'conversation-lue',
    isSignedIn: true,
    open: async (person) => {
      await settle(person);
      await person.openConversation(ANNE);
      await person.compose(ANNE.name).waitFor();
    },
  },
  { name: 'conversation-vide', isSignedIn: true, isRareFirst: true, open: async (person) => void (await person.openConversation(LUC)) },
  {
    name: 'conversation-fermee',
    isSignedIn: true,
    isRareFirst: true,
    open: async (person) => {
      await person.open('/accueil');
      await person.page.getByRole('link', { name: new RegExp(SOPHIE.name) }).first().click();
      await person.closedNotice.waitFor();
    },
  },
  {
    name: 'fermer-dialogue',
    isSignedIn: true,
    isRareFirst: true,
    open: async (person) => {
      await person.openConversation(ANNE);
      await person.choose(person.words.close);
      await person.dialog.waitFor();
    },
  },
  { ...at('recherche', '/recherche'), isRareFirst: true },
  { name: 'recherche-trouve', isSignedIn: true, isRareFirst: true, open: (person) => search(person, 'la creatinine', '.search__hits') },
  { name: 'recherche-rien', isSignedIn: true, isRareFirst: true, open: (person) => search(person, 'le canariquizulu', '.empty h3:has-text("message")') },
  {
    name: 'signaler',
    isSignedIn: true,
    isRareFirst: true,
    open: async (person) => person.open(`/signaler/${await person.idOf(ANNE)}`),
  },
  { name: 'exporter', isSignedIn: true, isRareFirst: true, open: async (person) => person.open(`/exporter/${await person.conversationWith(ANNE)}`) },
  at('parametres', '/parametres'),
  at('profil', '/parametres/profil'),
  at('preferences', '/parametres/preferences'),
  at('appareils', '/parametres/appareils'),
  {
    name: 'vue-double',
    isSignedIn: true,
    // Its panes are drawn in the browser: what they run for that, no other page runs before it is whole.
    isRareFirst: true,
    open: async (person) => {
      await person.open('/demo/double');
      await person.page.getByRole('textbox', { includeHidden: true }).nth(1).waitFor({ state: 'attached' });
    },
  },
  at('introuvable', '/nulle-part'),
];

export { CAMILLE };

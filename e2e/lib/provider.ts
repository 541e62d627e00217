// A real OpenID provider, npm's `oidc-provider`, with a page of its own on which people say who they are.
//
// It answers on `localhost` while Pli answers on `127.0.0.1`: for a browser these are two sites, as they are in life.
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import Provider, { type Context } from 'oidc-provider';
import type { Person } from './person';
import { freePort } from './server';

/** What it calls Pli, and what Pli proves itself with. */
export const CLIENT = 'pli';
export const SECRET = randomBytes(32).toString('base64url');

/** How people say who they are: each button of the page, and the class of authentication that it stands for. */
const MEANS: Record<string, { label: string; acr?: string }> = {
  strong: { label: 'Carte professionnelle', acr: 'eidas1' },
  weak: { label: 'Mot de passe seul' },
};

const PAGE = `<!doctype html><html lang="fr"><head><meta charset="utf-8"><title>Identité</title></head><body><main>
<h1>Fournisseur d'identité</h1><form method="post"><p><label>Identifiant <input name="who"></label></p>
${Object.entries(MEANS).map(([name, { label }]) => `<button name="how" value="${name}">${label}</button>`).join(' ')}
<button name="how" value="cancel">Renoncer</button></form></main></body></html>`;

/** A running provider. */
export class IdentityProvider {
  private constructor(
    private readonly server: HttpServer,
    /** What it calls itself. */
    readonly issuer: string,
    private readonly memory: { olderByS: number },
  ) {}

  /** Whoever comes next has shown who they are so many seconds earlier than they have. */
  remembersFor(seconds: number): void {
    this.memory.olderByS = seconds;
  }

  /** One that knows Pli at this origin. */
  static async start(pli: string): Promise<IdentityProvider> {
    const port = await freePort();
    const issuer = `http://localhost:${port}`;
    const memory = { olderByS: 0 };
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const provider = new Provider(issuer, {
      clients: [
        {
          client_id: CLIENT,
          client_secret: SECRET,
          redirect_uris: [`${pli}/organisation/retour`],
          response_types: ['code'],
          grant_types: ['authorization_code'],
        },
      ],
      acrValues: ['eidas1'],
      pkce: { required: () => true },
      features: { devInteractions: { enabled: false } },
      jwks: { keys: [{ ...privateKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: 'one' }] },
      cookies: { keys: [randomBytes(32).toString('hex')] },
      interactions: { url: (_: unknown, { uid }: { uid: string }) => `/interaction/${uid}` },
      findAccount: (_: unknown, accountId: string) => ({ accountId, claims: () => ({ sub: accountId }) }),
      // The organisation has agreed for everybody.
      loadExistingGrant: async ({ oidc }: Context) => {
        oidc.session.loginTs -= memory.olderByS;
        memory.olderByS = 0;
        const grant = new oidc.provider.Grant({ clientId: oidc.client.clientId, accountId: oidc.session.accountId });
        grant.addOIDCScope('openid');
        await grant.save();
        return grant;
      },
    });
    const answer = provider.callback();
    const server = createServer((request, response) => {
      const isInteraction = request.url?.startsWith('/interaction/') ?? false;
      void (isInteraction ? interact(provider, request, response) : answer(request, response));
    });
    await new Promise<void>((done, fail) => {
      server.on('error', fail);
      server.listen(port, 'localhost', done);
    });
    return new IdentityProvider(server, issuer, memory);
  }

  /** Ends it: whoever asks it then meets nobody. */
  stop(): Promise<void> {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(() => done()));
  }
}

/** In which second somebody has last said who they are. */
let shownAt = 0;

/** The page on which people say who they are, and what they have said. */
async function interact(provider: Provider, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== 'POST') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(PAGE);
    return;
  }
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  const form = new URLSearchParams(Buffer.concat(pieces).toString());
  const means = MEANS[form.get('how') ?? ''];
  // A proof counts once, and is known by its second: nobody shows who they are twice within one.
  while (means && Math.floor(Date.now() / 1000) <= shownAt) await new Promise((done) => setTimeout(done, 50));
  if (means) shownAt = Math.floor(Date.now() / 1000);
  const result = means ? { login: { accountId: form.get('who') ?? '', acr: means.acr } } : { error: 'access_denied' };
  await provider.interactionFinished(request, response, result);
}

/** Says on the provider's page who somebody is. */
export async function identify(person: Person, who: string, how = 'Carte professionnelle'): Promise<void> {
  await person.page.getByLabel('Identifiant').fill(who);
  await person.page.getByRole('button', { name: how }).click();
}

/** Gives up on the provider's page. */
export async function giveUp(person: Person): Promise<void> {
  await person.page.getByRole('button', { name: 'Renoncer' }).click();
}

// A new installation: nobody is there yet but whoever holds the one-time link that the server printed.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Visit } from './pli';
import type { Person } from './person';
import { Server } from './server';
import { named } from './words';

export const PASSWORD = 'un mot de passe assez long';

/** The server is a new installation: nothing but the one-time link that it printed. */
export const fresh = test.extend<{ setUpLink: string }>({
  // The empty pattern says that this fixture needs no other.
  server: async ({}, use) => {
    const data = mkdtempSync(join(tmpdir(), 'pli-fresh-'));
    const server = await Server.serve(data);
    await use(server);
    await server.stop();
    rmSync(data, { recursive: true });
  },

  setUpLink: async ({ server }, use) => {
    const link = () => /http:\/\/\S+\/installation#\S+/.exec(server.printed())?.[0];
    await expect.poll(link).toBeDefined();
    await use(link()!);
  },
});

export const field = (person: Person, label: string) => person.page.getByLabel(label, { exact: true });

const openLink = (person: Person, link: string): Promise<void> => person.open(link.slice(person.origin.length));

/** Opens the installation by its one-time link: the administrator, signed in. */
export async function install(person: Person, setUpLink: string): Promise<void> {
  await openLink(person, setUpLink);
  await person.page.getByRole('textbox', { name: named(person.words.email) }).fill('admin@clinique.example');
  await field(person, 'Mot de passe').fill(PASSWORD);
  await field(person, 'Nom').fill('Léa Fortin');
  await field(person, 'Profession').fill('Gestionnaire');
  await field(person, 'Lieu de travail').fill('Clinique du Lac');
  await person.button('Ouvrir').click();
  await person.expectHome();
}

/** Makes an invitation on the administrator's page; gives its link, which a dialog shows. */
async function makeInvitation(admin: Person, name: string, email: string): Promise<string> {
  await admin.open('/parametres/comptes');
  await admin.page.getByRole('textbox', { name: named('Courriel') }).fill(email);
  await field(admin, 'Nom').fill(name);
  await admin.button("Créer l'invitation").click();
  return admin.dialog.getByLabel('Lien à remettre').inputValue();
}

/** Invites somebody on the administrator's page; gives the link. */
export async function invite(admin: Person, name: string, email: string): Promise<string> {
  const link = await makeInvitation(admin, name, email);
  await admin.dialog.getByText('Terminé').click();
  return link;
}

/** Uses an invitation; the person is signed in. */
export async function joinBy(person: Person, link: string): Promise<void> {
  await openLink(person, link);
  await field(person, 'Mot de passe').fill(PASSWORD);
  await field(person, 'Profession').fill('Ergothérapeute');
  await field(person, 'Lieu de travail').fill('Clinique du Lac');
  await person.button('Rejoindre').click();
  await person.expectHome();
}

/** Walks through the pages of a new installation, and has each looked at. */
export async function walkThrough(
  visit: Visit,
  setUpLink: string,
  look: (person: Person, name: string) => Promise<void>,
): Promise<void> {
  const admin = await visit({ reducedMotion: 'reduce' });
  await openLink(admin, setUpLink);
  await look(admin, 'installation');
  await install(admin, setUpLink);
  await look(admin, 'accueil-vide');
  await admin.open('/reseau');
  await look(admin, 'reseau-vide');
  const link = await makeInvitation(admin, 'Élise Gagnon', 'elise.gagnon@clinique.example');
  await look(admin, 'comptes-lien');
  await admin.dialog.getByText('Terminé').click();
  await look(admin, 'comptes');
  await admin.open('/parametres/signalements');
  await look(admin, 'signalements');
  const guest = await visit({ reducedMotion: 'reduce' });
  await openLink(guest, link);
  await look(guest, 'invitation');
}

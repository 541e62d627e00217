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

/** All of them. */
export const VIEWS: View[] = [
  at('connexion', '/connexion', false),
  // Led here from a page that wants somebody signed in.
  at('connexion-suite', '/connexion?suite=/reseau', false),
  at('aide', '/aide', false),
  at('hors-ligne', '/hors-ligne', false),
  at('accueil', '/accueil'),
  at('reseau', '/reseau'),
  {
    name: 'reseau-recherche',
    isSignedIn: true,
    open: async (person) => {
      await person.open('/reseau');
      await person.find('lavoie');
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
  at('profil', '/parametres/profil'),
  at('preferences', '/parametres/preferences'),
  at('appareils', '/parametres/appareils'),
  {
    name: 'vue-double',
    isSignedIn: true,
    open: async (person) => {
      await person.open('/demo/double');
      await person.page.getByRole('textbox', { includeHidden: true }).nth(1).waitFor({ state: 'attached' });
    },
  },
  at('introuvable', '/nulle-part'),
];

export { CAMILLE };

// The accessible names that the product promises, in both languages.

type Language = 'fr' | 'en';

const WORDS = {
  fr: {
    home: 'Accueil',
    network: 'Réseau',
    directMessages: 'Messages directs',
    search: 'Rechercher une personne',
    friends: 'Amis',
    received: 'Demandes reçues',
    sent: 'Demandes envoyées',
    directory: 'Annuaire',
    write: (name: string) => `Écrire à ${name}`,
    request: (name: string) => `Envoyer une demande d'amitié à ${name}`,
    accept: (name: string) => `Accepter la demande de ${name}`,
    ignore: (name: string) => `Ignorer la demande de ${name}`,
    cancelRequest: (name: string) => `Annuler la demande à ${name}`,
    history: (name: string) => `Messages avec ${name}`,
    compose: (name: string) => `Votre message à ${name}`,
    send: 'Envoyer',
    attach: 'Joindre un fichier',
    more: "Plus d'actions",
    close: 'Fermer le canal',
    block: (name: string) => `Bloquer ${name}`,
    cancel: 'Annuler',
    closed: 'Canal fermé',
    email: 'Courriel',
    password: 'Mot de passe',
    signIn: 'Se connecter',
    signOut: 'Se déconnecter',
    pending: 'en attente',
    sentState: 'envoyé',
    failed: 'échec',
  },
  en: {
    home: 'Home',
    network: 'Network',
    directMessages: 'Direct messages',
    search: 'Search for a person',
    friends: 'Friends',
    received: 'Requests received',
    sent: 'Requests sent',
    directory: 'Directory',
    write: (name: string) => `Write to ${name}`,
    request: (name: string) => `Send a friend request to ${name}`,
    accept: (name: string) => `Accept ${name}'s request`,
    ignore: (name: string) => `Ignore ${name}'s request`,
    cancelRequest: (name: string) => `Cancel request to ${name}`,
    history: (name: string) => `Messages with ${name}`,
    compose: (name: string) => `Your message to ${name}`,
    send: 'Send',
    attach: 'Attach a file',
    more: 'More actions',
    close: 'Close the channel',
    block: (name: string) => `Block ${name}`,
    cancel: 'Cancel',
    closed: 'Channel closed',
    email: 'E-mail',
    password: 'Password',
    signIn: 'Sign in',
    signOut: 'Sign out',
    pending: 'pending',
    sentState: 'sent',
    failed: 'failed',
  },
} as const;

/** The names in one language. */
export type Words = (typeof WORDS)[Language];

/** The names of a language. */
export function words(language: Language = 'fr'): Words {
  return WORDS[language];
}

/** Exactly this name, whatever its apostrophes and spaces: on screen both are typographic. */
export function named(text: string): RegExp {
  return new RegExp(`^\\s*${pattern(text)}\\s*$`);
}

/** A name or text that holds these words. */
export function holding(text: string): RegExp {
  return new RegExp(pattern(text));
}

function pattern(text: string): string {
  return text
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/['’]/g, "['’]")
    .replace(/\s+/g, '\\s+');
}

// The fictitious clinicians of the demonstration, and how they stand to Camille.

/** One of them. */
export interface Persona {
  /** As shown. */
  name: string;
  email: string;
}

/** All of them have this password. */
export const PASSWORD = 'demonstration-pli';

const persona = (name: string, mailbox: string): Persona => ({ name, email: `${mailbox}@demo.example` });

export const CAMILLE = persona('Dre Camille Tremblay', 'camille.tremblay');
/** Friend; history, unread messages. Also a friend of Luc. */
export const ANNE = persona('Dre Anne Roy', 'anne.roy');
/** Friend; a draft. */
export const INES = persona('Inès Haddad', 'ines.haddad');
/** Friend; nothing written yet. */
export const LUC = persona('Luc Gagné', 'luc.gagne');
/** Friends; conversations. */
export const FATOU = persona('Fatou Diallo', 'fatou.diallo');
export const MINH = persona('Dr Minh Nguyen', 'minh.nguyen');
/** Has asked Camille, with a note. */
export const MARC = persona('Marc Côté', 'marc.cote');
/** Was asked by Camille. */
export const SAMUEL = persona('Samuel Bédard', 'samuel.bedard');
/** Channel closed by Camille. */
export const SOPHIE = persona('Sophie Bouchard', 'sophie.bouchard');
/** Channel closed by Julie. */
export const JULIE = persona('Julie Thériault', 'julie.theriault');
/** Blocked by Camille. */
export const ROBERT = persona('Robert Lemire', 'robert.lemire');
/** Strangers. */
export const NADIA = persona('Nadia Belkacem', 'nadia.belkacem');
export const ETIENNE = persona('Dr Étienne Lavoie', 'etienne.lavoie');
export const ETIENNE_ERGO = persona('Étienne Lavoie', 'etienne.lavoie.ergo');

/** Words of their names that nothing else is called by, folded: no address and no title holds one. */
export const NAMES = [CAMILLE, ANNE, INES, LUC, FATOU, MINH, MARC, SAMUEL, SOPHIE, JULIE, ROBERT, NADIA, ETIENNE].map(({ email }) =>
  (email.split('@')[0] ?? '').split('.')[1] ?? '',
);

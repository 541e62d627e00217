//! The fifteen fictitious clinicians.

/// One of them.
pub(super) struct Person {
    /// What stands before `@demo.example`.
    pub(super) mailbox: &'static str,
    /// "Dre", "Dr" or nothing.
    pub(super) title: &'static str,
    /// Without title.
    pub(super) name: &'static str,
    /// What they do.
    pub(super) profession: &'static str,
    /// Where.
    pub(super) workplace: &'static str,
    /// For friends alone. Numbers with 555-01 belong to nobody.
    pub(super) phone: &'static str,
    /// The file of the portrait, without its ending; none for those who set no photo.
    pub(super) portrait: Option<&'static str>,
}

/// What their addresses end with: a domain that no one can own.
///
/// Source: RFC 2606 §2.
pub(super) const DOMAIN: &str = "demo.example";

pub(super) const CAMILLE: &str = "camille.tremblay";
pub(super) const ANNE: &str = "anne.roy";
pub(super) const INES: &str = "ines.haddad";
pub(super) const LUC: &str = "luc.gagne";
pub(super) const FATOU: &str = "fatou.diallo";
pub(super) const MARIE_JOSEE: &str = "marie-josee.paquin-desrosiers";
pub(super) const MINH: &str = "minh.nguyen";
pub(super) const MARC: &str = "marc.cote";
pub(super) const SAMUEL: &str = "samuel.bedard";
pub(super) const SOPHIE: &str = "sophie.bouchard";
pub(super) const JULIE: &str = "julie.theriault";
pub(super) const ROBERT: &str = "robert.lemire";
const ETIENNE: &str = "etienne.lavoie";
const ETIENNE_ERGO: &str = "etienne.lavoie.ergo";
const NADIA: &str = "nadia.belkacem";

/// Whom the sign-in page offers, in its order.
pub(super) const PERSONAS: &[&str] = &[
    CAMILLE,
    ANNE,
    INES,
    LUC,
    MARC,
    SAMUEL,
    MINH,
    FATOU,
    ETIENNE,
    ETIENNE_ERGO,
    SOPHIE,
    MARIE_JOSEE,
];

/// Who administers the demonstration, so that a report has a reader. Nobody plays them.
pub(super) const ADMINISTRATOR: &str = ROBERT;

/// Everybody.
pub(super) const PEOPLE: &[Person] = &[
    Person {
        mailbox: CAMILLE,
        title: "Dre",
        name: "Camille Tremblay",
        profession: "Médecin de famille",
        workplace: "CLSC des Rapides",
        phone: "514 555-0117",
        portrait: Some("camille-tremblay"),
    },
    Person {
        mailbox: ANNE,
        title: "Dre",
        name: "Anne Roy",
        profession: "Cardiologue",
        workplace: "Hôpital du Parc",
        phone: "514 555-0142",
        portrait: Some("anne-roy"),
    },
    Person {
        mailbox: INES,
        title: "",
        name: "Inès Haddad",
        profession: "Physiothérapeute",
        workplace: "Clinique des Érables",
        phone: "514 555-0163",
        portrait: Some("ines-haddad"),
    },
    Person {
        mailbox: LUC,
        title: "",
        name: "Luc Gagné",
        profession: "Pharmacien",
        workplace: "GMF du Canal",
        phone: "514 555-0128",
        portrait: Some("luc-gagne"),
    },
    Person {
        mailbox: FATOU,
        title: "",
        name: "Fatou Diallo",
        profession: "Sage-femme",
        workplace: "Maison de naissance du Lac",
        phone: "514 555-0155",
        portrait: Some("fatou-diallo"),
    },
    Person {
        mailbox: MARIE_JOSEE,
        title: "",
        name: "Marie-Josée Paquin-Desrosiers",
        profession: "Nutritionniste",
        workplace: "GMF du Canal",
        phone: "514 555-0134, poste 21",
        portrait: Some("marie-josee-paquin-desrosiers"),
    },
    Person {
        mailbox: MINH,
        title: "Dr",
        name: "Minh Nguyen",
        profession: "Radiologue",
        workplace: "Hôpital du Parc",
        phone: "514 555-0149",
        portrait: Some("minh-nguyen"),
    },
    Person {
        mailbox: MARC,
        title: "",
        name: "Marc Côté",
        profession: "Infirmier clinicien",
        workplace: "CLSC des Rapides",
        phone: "514 555-0171",
        portrait: Some("marc-cote"),
    },
    Person {
        mailbox: SAMUEL,
        title: "",
        name: "Samuel Bédard",
        profession: "Travailleur social",
        workplace: "CLSC des Rapides",
        phone: "",
        portrait: Some("samuel-bedard"),
    },
    Person {
        mailbox: SOPHIE,
        title: "",
        name: "Sophie Bouchard",
        profession: "Infirmière praticienne",
        workplace: "Hôpital du Parc",
        phone: "514 555-0186",
        portrait: Some("sophie-bouchard"),
    },
    Person {
        mailbox: JULIE,
        title: "",
        name: "Julie Thériault",
        profession: "Orthophoniste",
        workplace: "CLSC des Rapides",
        phone: "",
        portrait: None,
    },
    Person {
        mailbox: ROBERT,
        title: "",
        name: "Robert Lemire",
        profession: "Hygiéniste dentaire",
        workplace: "Clinique des Érables",
        phone: "",
        portrait: None,
    },
    Person {
        mailbox: ETIENNE,
        title: "Dr",
        name: "Étienne Lavoie",
        profession: "Pneumologue",
        workplace: "Hôpital du Parc",
        phone: "514 555-0192",
        portrait: Some("etienne-lavoie-pneumologue"),
    },
    Person {
        mailbox: ETIENNE_ERGO,
        title: "",
        name: "Étienne Lavoie",
        profession: "Ergothérapeute",
        workplace: "Clinique des Érables",
        phone: "",
        portrait: Some("etienne-lavoie-ergotherapeute"),
    },
    Person {
        mailbox: NADIA,
        title: "",
        name: "Nadia Belkacem",
        profession: "Inhalothérapeute",
        workplace: "Hôpital du Parc",
        phone: "",
        portrait: None,
    },
];

/// The address of a mailbox.
pub(super) fn email(mailbox: &str) -> String {
    format!("{mailbox}@{DOMAIN}")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_fifteen_people_with_an_address_each() {
        let mailboxes: BTreeSet<&str> = PEOPLE.iter().map(|person| person.mailbox).collect();

        assert_eq!((PEOPLE.len(), mailboxes.len()), (15, 15));
        assert!(PERSONAS.iter().all(|mailbox| mailboxes.contains(mailbox)));
        assert!(mailboxes.contains(ADMINISTRATOR) && !PERSONAS.contains(&ADMINISTRATOR));
    }
}

use super::Kind::{BirthDate, HealthNumber, PhoneNumber, RecordNumber};
use super::*;

fn found(text: &str) -> Vec<(Kind, &str)> {
    find(text)
        .into_iter()
        .map(|finding| (finding.kind, &text[finding.at]))
        .collect()
}

#[test]
fn the_check_digit_is_that_of_the_regie() {
    for number in [
        "LASF80021411",
        "COTS80051012",
        "COTS80051090",
        "COTS800510A4",
        "COTS800510Z4",
        "SERE75613018",
        "SERE756130Z0",
        "AAAA01010112",
        "AAAA01010110",
        "BAAA01010113",
        "ABAA01010115",
        "AAAZ01010112",
        "AAAA01013110",
    ] {
        assert!(is_health_number(number.as_bytes()), "{number}");
    }
    for number in [
        "AAAA01010119",
        "AAAA01014110",
        "AA3A01010110",
        "AAAA010101100",
        "COTS80051013",
        "SERE75633018",
        "COTS80001012",
        "",
    ] {
        assert!(!is_health_number(number.as_bytes()), "{number}");
    }
}

#[test]
fn health_numbers_are_found_however_they_are_written() {
    for number in [
        "COTS80051012",
        "cots80051012",
        "COTS 8005 1012",
        "COTS-8005-1012",
        "Cots 8005\u{a0}1012",
        "COTS 80051012",
        "COTS80 05 10 12",
        "COTS.8005.1012",
        "COTS 8005 - 1012",
        "COTS 80-05-10-12",
    ] {
        for (before, after) in [
            ("", ""),
            ("NAM: ", "."),
            ("(", ")"),
            ("Mme Côté, ", ", 45 ans"),
            ("voir\n", "\nmerci"),
        ] {
            let text = format!("{before}{number}{after}");
            assert_eq!(found(&text), [(HealthNumber, number)], "{text}");
        }
    }
    assert_eq!(found("COTS80051012_ECG.pdf"), [(HealthNumber, "COTS80051012")]);
    assert_eq!(
        found("photo_cots_8005_1012.jpg"),
        [(HealthNumber, "cots_8005_1012")]
    );
}

#[test]
fn a_mistyped_health_number_is_found_when_its_name_says_so() {
    assert_eq!(found("NAM COTS 8005 1013"), [(HealthNumber, "COTS 8005 1013")]);
    assert_eq!(found("ramq: cots80051013"), [(HealthNumber, "cots80051013")]);
    assert_eq!(found("COTS 8005 1013"), []);
    assert_eq!(found("XCOTS80051012, COTS800510122"), []);
    // Every tenth date of those years has the right check digit behind some word.
    let days = (1..=28).map(|day| format!("fait 2010-05-{day:02}, vers {day:02}/05/1982"));
    for text in days {
        assert_eq!(found(&text), [], "{text}");
    }
}

#[test]
fn record_numbers_are_found_by_the_word_before_them() {
    for (text, number) in [
        ("dossier 123456", "123456"),
        ("Dossier no 1234567", "1234567"),
        ("dossier n° 12-3456", "12-3456"),
        ("no de dossier: 00123456", "00123456"),
        ("MRN 12345678", "12345678"),
        ("MRN#12345678", "12345678"),
        ("chart number is 123456", "123456"),
        ("dossier D123456", "D123456"),
        ("dossier_123456.pdf", "123456"),
        ("dossier 5145550199", "5145550199"),
    ] {
        assert_eq!(found(text), [(RecordNumber, number)], "{text}");
    }
    for text in [
        "dossier complet, 12345 pas",
        "123456",
        "le dossier de la salle 12",
        "dossier 2026",
        "vu le dossier du 12/05/2026",
        "dossier du 2026-05-12",
        "dossier du patient: ok 15",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn birth_dates_are_found() {
    for (text, date) in [
        ("née le 12/05/2011", "12/05/2011"),
        ("Né le 1950-05-12", "1950-05-12"),
        ("DDN 2010-5-2", "2010-5-2"),
        ("ddn: 50-05-12", "50-05-12"),
        ("DOB 05/12/1950", "05/12/1950"),
        ("date de naissance : 12 05 1950", "12 05 1950"),
        ("né(e) le\t12.05.1950", "12.05.1950"),
    ] {
        assert_eq!(found(text), [(BirthDate, date)], "{text}");
    }
    for text in [
        "rendez-vous le 12/05/2026",
        "le 2026-11-22 à 14 h 05",
        "TA 120/80/60",
        "dose 10-20-30",
        "né prématuré, 32 semaines",
        "version 1.2.99-beta",
        "INR 2,4 le 12-05-26",
        "1950-45-12",
        "née le 1950-45-12",
        "opérée le 1998-05-12",
        "M. Roy (1950-05-12)",
        "12345678901-12-34",
        "née le 12345678901-12-34",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn telephone_numbers_of_patients_are_found_however_they_are_written() {
    for number in [
        "514 555-0199",
        "514-555-0199",
        "(514) 555-0199",
        "514.555.0199",
        "5145550199",
        "+1 514 555 0199",
        "1-800-555-0142",
        "18005550142",
        "06 12 34 56 78",
        "06.12.34.56.78",
        "0612345678",
    ] {
        for (before, after) in [
            ("Appelle la patiente au ", "."),
            ("Patient Jean Roy, tél.: ", ", merci"),
            ("sa fille, ", "; merci"),
            ("son cellulaire: ", ""),
            ("Numéro de sa mère\u{a0}: ", "!"),
            ("", " (cell de la patiente)"),
            ("", ", sa conjointe"),
            ("", " (patiente)"),
            ("La patiente et sa fille: ", ""),
            ("call her daughter at ", " today"),
        ] {
            let text = format!("{before}{number}{after}");
            assert_eq!(found(&text), [(PhoneNumber, number)], "{text}");
        }
    }
    assert_eq!(
        found("La patiente : 514 555-0199 2 fois"),
        [(PhoneNumber, "514 555-0199")]
    );
}

#[test]
fn a_telephone_number_beside_what_is_a_patients_is_the_patients() {
    assert_eq!(
        found("NAM: COTS 8005 1012\nTél: 514 555-0199"),
        [(HealthNumber, "COTS 8005 1012"), (PhoneNumber, "514 555-0199")]
    );
    assert_eq!(
        found("dossier 123456\t514 555-0199"),
        [(RecordNumber, "123456"), (PhoneNumber, "514 555-0199")]
    );
    let far = format!("DDN 1950-05-12. {} Clinique: 514 555-0199", "Rien d’autre. ".repeat(10));
    assert_eq!(found(&far), [(BirthDate, "1950-05-12")]);
}

#[test]
fn telephone_numbers_of_others_are_left_alone() {
    for text in [
        "Appeler la clinique au 514 555-0199",
        "514 555-0199",
        "Tél.: 514 555-0199",
        "La patiente va mieux. Pour la clinique: 514 555-0199",
        "La patiente rappelle la clinique au 514 555-0199",
        "On a parlé de la patiente hier, rappelle-moi au 514 555-0199",
        "Rappelle-moi au 514 555-0199 pour la patiente",
        "Clinique des patients externes, 514 555-0199",
        "mon cell: 514 555-0199",
        "Fax 1-800-555-0142",
        "Soins à domicile du CLSC: 514 555-0199",
        "Concept 514 555-0199",
        "Tél. 514 555-0199, le patient attend un lit",
        "Tél. 514 555-0199. Patiente avisée",
        "patiente, poste 4512",
        "patiente 100 200-3000",
        "patiente 120/80, 72, 98 %",
        "patient 1 000 000 000",
        "patient, lot 5145550199123",
        "patient vu 2026 11 22 14 05",
        "patient 555-0199",
    ] {
        assert_eq!(found(text), [], "{text}");
    }
}

#[test]
fn what_is_half_typed_may_become_a_number_of_a_patient() {
    for text in [
        "COTS 8005",
        "voir cots8005",
        "Mme Côté, COTS 8005 1",
        "Mme Côté, COTS 8005 101",
        "COTS 8005 - ",
        "COTS 80 05 10 1",
        "dossier 123",
        "dossier no 1234",
        "MRN: H123",
        "née le 12/05/",
        "DDN 1950-05-",
    ] {
        assert!(may_become(text), "{text}");
        assert_eq!(found(text), [], "{text}");
    }
    for text in [
        "",
        "COTS",
        "COTS 80",
        "COTS 8005 demain",
        "dose 1000",
        "poste 4512",
        "dossier",
        "dossier 12",
        "le dossier de la salle 123",
        "née le 12",
        "TA 120/80",
        "INR 2,4 le 12-05-26",
        "NCOTS 8005",
    ] {
        assert!(!may_become(text), "{text}");
    }
}

/// Whatever a number is typed like, it is held back from its eighth letter or digit on: the device sees it before it is whole.
#[test]
fn c5_a_health_number_that_is_typed_by_hand_is_seen_before_it_is_whole() {
    let mut dice = Dice(4);
    for _ in 0..2_000 {
        let number = dice.health_number();
        let mut n_signs = 0;
        for (at, c) in number.char_indices() {
            n_signs += usize::from(c.is_ascii_alphanumeric());
            let typed = format!("Mme Côté, {}", &number[..at + c.len_utf8()]);
            let is_held = may_become(&typed) || !find(&typed).is_empty();
            assert_eq!(is_held, n_signs >= 8, "{typed}");
        }
    }
}

#[test]
fn what_is_masked_is_no_longer_found() {
    let text = "Mme Côté, COTS 8005 1012, dossier 123456, née le 10/05/1980, 514 555-0199.";

    let findings = find(text);
    let masked = masked(text, &findings);

    assert_eq!(
        findings.iter().map(|finding| finding.kind).collect::<Vec<_>>(),
        [HealthNumber, RecordNumber, BirthDate, PhoneNumber]
    );
    assert_eq!(
        masked,
        "Mme Côté, •••• •••• ••••, dossier ••••••, née le ••/••/••••, ••• •••-••••."
    );
    assert_eq!(find(&masked), []);
    let accents = "NAM CÔTÉ 8005 1012";
    assert_eq!(super::masked(accents, &find(accents)), "NAM •••• •••• ••••");
}

/// Where one calls, at work.
const PLACES: [&str; 8] = [
    "appeler la clinique au",
    "Pharmacie :",
    "le labo est au",
    "Secrétariat du Dr Roy :",
    "urgence,",
    "CLSC, soins à domicile",
    "rejoindre le médecin de garde au",
    "clinique des patients externes",
];

/// A source of numbers, the same ones in each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    fn pick<'t>(&mut self, all: &[&'t str]) -> &'t str {
        let index = self.below(all.len() as u64);
        all[usize::try_from(index).unwrap()]
    }

    fn letter(&mut self) -> char {
        char::from(b'A' + u8::try_from(self.below(26)).unwrap())
    }

    /// A valid number, in one of the ways in which people write it.
    fn health_number(&mut self) -> String {
        let name: String = (0..4).map(|_| self.letter()).collect();
        let month = 1 + self.below(12) + 50 * self.below(2);
        let begin = format!(
            "{:02}{month:02}{:02}{}",
            self.below(100),
            1 + self.below(28),
            1 + self.below(9)
        );
        let number = (0..10)
            .map(|check| format!("{name}{begin}{check}"))
            .find(|number| is_health_number(number.as_bytes()))
            .unwrap();
        let separator = self.pick(&["", " ", "-", "\u{a0}", ".", "  ", " - "]);
        let (letters, digits) = number.split_at(4);
        let written = match self.below(3) {
            0 => format!("{letters}{separator}{}{separator}{}", &digits[..4], &digits[4..]),
            1 => format!("{letters}{separator}{digits}"),
            _ => number.clone(),
        };
        if self.below(2) == 0 {
            written.to_lowercase()
        } else {
            written
        }
    }

    /// A telephone number, of nobody in particular.
    fn telephone(&mut self) -> String {
        let (area, exchange) = (200 + self.below(800), 200 + self.below(800));
        let line = format!("{:04}", self.below(10_000));
        match self.below(5) {
            0 => format!("{area} {exchange}-{line}"),
            1 => format!("({area}) {exchange}-{line}"),
            2 => format!("{area}.{exchange}.{line}"),
            3 => format!("1-{area}-{exchange}-{line}"),
            _ => format!("{area}{exchange}{line}"),
        }
    }

    /// A day of the last sixty years.
    fn date(&mut self) -> String {
        let (year, month, day) = (1966 + self.below(60), 1 + self.below(12), 1 + self.below(28));
        match self.below(3) {
            0 => format!("{year}-{month:02}-{day:02}"),
            1 => format!("{day:02}/{month:02}/{year}"),
            _ => format!("{day} {month} {year}"),
        }
    }

    /// A sentence as clinicians write it, with many numbers that are none of ours.
    fn sentence(&mut self) -> String {
        let n_parts = 1 + self.below(4);
        let parts: Vec<String> = (0..n_parts).map(|_| self.part()).collect();
        parts.join(self.pick(&[", ", ". ", " et ", "\n", " ; "]))
    }

    fn part(&mut self) -> String {
        let number = |dice: &mut Self, limit| dice.below(limit).to_string();
        match self.below(26) {
            0 => format!("TA {}/{}", number(self, 200), number(self, 120)),
            1 => format!(
                "INR {},{} le {}/{}/2026",
                number(self, 5),
                number(self, 10),
                1 + self.below(28),
                1 + self.below(12)
            ),
            2 => format!("metformine {} mg bid", number(self, 2_000)),
            3 => format!(
                "rdv le 2026-{:02}-{:02} à {} h {:02}",
                1 + self.below(12),
                1 + self.below(28),
                self.below(24),
                self.below(60)
            ),
            4 => format!("salle {}, lit {}", number(self, 900), number(self, 9)),
            5 => format!("poste {}", number(self, 99_999)),
            6 => format!(
                "code postal {}{}{} {}{}{}",
                self.letter(),
                self.below(10),
                self.letter(),
                self.below(10),
                self.letter(),
                self.below(10)
            ),
            7 => format!(
                "créat {} umol/L, K {},{}",
                number(self, 400),
                number(self, 7),
                number(self, 10)
            ),
            8 => format!("DIN {:08}", self.below(99_999_999)),
            9 => format!(
                "version {}.{}.{}",
                number(self, 9),
                number(self, 20),
                number(self, 99)
            ),
            10 => format!(
                "{} kg, {} cm, {} ans",
                number(self, 150),
                number(self, 200),
                number(self, 100)
            ),
            11 => format!(
                "lot {}{}-{}",
                self.letter(),
                number(self, 9_999),
                number(self, 99_999)
            ),
            12 => "on complète le dossier demain".to_owned(),
            13 => format!("https://exemple.test/{}", number(self, 9_999_999)),
            14 => format!(
                "{} {}",
                self.pick(&[
                    "Bonjour",
                    "Merci",
                    "Elle a bien dormi",
                    "pas de fièvre",
                    "Suivi prévu"
                ]),
                number(self, 30)
            ),
            15 => format!("{} {}", self.pick(&PLACES), self.telephone()),
            16 => format!("rappelle-moi au {} pour la patiente", self.telephone()),
            17 => format!("La patiente va mieux. {} : {}", self.pick(&PLACES), self.telephone()),
            18 => format!("{} {}", self.pick(&["Tél.", "Fax", "mon cell", "au besoin", "poste 123,"]), self.telephone()),
            19 => format!("{} {}", self.pick(&["opérée le", "depuis", "fait", "vers le", "vu le dossier du"]), self.date()),
            20 => format!("le patient attend {}", self.pick(&["son congé", "sa fille", "la clinique", "un lit"])),
            21 => format!("dossier à compléter, {} pages", self.below(90)),
            22 => format!("{} {}", self.pick(&["dose", "lits", "page", "code", "bloc"]), number(self, 2_000)),
            23 => format!("facture {} et bon {}", number(self, 9_999_999), number(self, 999_999)),
            24 => format!("Na {}, Cl {}, le {}", 130 + self.below(20), 95 + self.below(15), self.date()),
            _ => format!(
                "plaquettes {} 000, GB {},{}",
                number(self, 400),
                number(self, 20),
                number(self, 10)
            ),
        }
    }
}

/// Product requirement C5: of 20,000 health-insurance numbers in generated sentences at least 99 of 100 are found.
#[test]
fn c5_health_numbers_in_generated_text_are_found() {
    let mut dice = Dice(1);
    let n_all = 20_000;
    let mut n_found = 0;
    for _ in 0..n_all {
        let number = dice.health_number();
        let (before, after) = (dice.sentence(), dice.sentence());
        let text = format!(
            "{before}{}{number}{}{after}",
            dice.pick(&[" ", "\n", ", ", ": ", " ("]),
            dice.pick(&[" ", ". ", ", ", ") "])
        );
        let is_found = found(&text)
            .iter()
            .any(|(kind, at)| *kind == HealthNumber && *at == number);
        n_found += usize::from(is_found);
    }

    assert!(n_found * 100 >= n_all * 99, "{n_found} of {n_all}");
}

/// Product requirement C5: fewer than one in a thousand generated messages without any such number is taken for one.
#[test]
fn c5_false_alarms_in_generated_text_are_rare() {
    let mut dice = Dice(2);
    let n_all = 50_000;
    let mut alarms = Vec::new();
    for _ in 0..n_all {
        let text = dice.sentence();
        if !find(&text).is_empty() {
            alarms.push(text);
        }
    }

    assert!(
        alarms.len() * 1_000 < n_all,
        "{} of {n_all}: {:?}",
        alarms.len(),
        alarms.iter().take(5).collect::<Vec<_>>()
    );
}

#[test]
fn no_text_is_too_odd() {
    let mut dice = Dice(3);
    let signs = [
        "é",
        "A",
        "1",
        "2",
        " ",
        "-",
        "(",
        "👩‍⚕️",
        "\n",
        "514",
        "NAM",
        "+",
        "’",
        "\u{a0}",
        "0",
        "/",
        ".",
        "née le ",
        "patiente ",
        "123456789012",
        "98765432101-",
        "½",
    ];
    for _ in 0..20_000 {
        let n_signs = dice.below(40);
        let text: String = (0..n_signs).map(|_| dice.pick(&signs)).collect();
        let findings = find(&text);
        for pair in findings.windows(2) {
            assert!(pair[0].at.end <= pair[1].at.start, "{text}");
        }
        assert!(
            findings
                .iter()
                .all(|finding| text.get(finding.at.clone()).is_some()),
            "{text}"
        );
        masked(&text, &findings);
        may_become(&text);
    }
}

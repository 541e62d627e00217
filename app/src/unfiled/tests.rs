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
    let far = format!(
        "DDN 1950-05-12. {} Clinique: 514 555-0199",
        "Rien d’autre. ".repeat(10)
    );
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

//! The number of the Régie de l'assurance maladie du Québec: three letters of the family name, one of the given name, the
//! day of birth with the month raised by 50 for women, a mark that tells apart, and a check digit.
//!
//! Source: the check digit as `utilitaire_nam` and `petalmd/health_card` compute it, which agree: the codes of EBCDIC, each
//! times its weight, over the name, the year with its century, the sex, month and day, and the mark; the last digit of the sum.

/// One for each place of name, year, sex, month, day and mark.
const WEIGHTS: [u32; 14] = [1, 3, 7, 9, 1, 7, 1, 3, 4, 5, 7, 6, 9, 1];

/// Whether twelve letters and digits, in capitals, are such a number. The century is not in it: either will do.
pub fn is_health_number(number: &[u8]) -> bool {
    let Some((&[l1, l2, l3, l4, y1, y2, m1, m2, d1, d2, mark, check], [])) = number.split_first_chunk::<12>()
    else {
        return false;
    };
    let name = [l1, l2, l3, l4];
    let is_shaped = name.iter().all(u8::is_ascii_uppercase)
        && [y1, y2, m1, m2, d1, d2, check].iter().all(u8::is_ascii_digit)
        && (mark.is_ascii_digit() || mark.is_ascii_uppercase());
    if !is_shaped {
        return false;
    }
    let (mut month, day) = (two(m1, m2), two(d1, d2));
    let mut sex = b'M';
    if month > 50 {
        (month, sex) = (month - 50, b'F');
    }
    if !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return false;
    }
    [b"19", b"20"].into_iter().any(|century| {
        let month = [b'0' + month / 10, b'0' + month % 10];
        let [l1, l2, l3, l4] = name;
        let all = [
            l1, l2, l3, l4, century[0], century[1], y1, y2, sex, month[0], month[1], d1, d2, mark,
        ];
        let sum: u32 = all
            .iter()
            .zip(WEIGHTS)
            .map(|(letter, weight)| ebcdic(*letter) * weight)
            .sum();
        sum % 10 == u32::from(check - b'0')
    })
}

/// Whether eight to eleven letters and digits, in capitals, may become such a number.
pub(super) fn is_begun(typed: &[u8]) -> bool {
    let Some((&[l1, l2, l3, l4, y1, y2, m1, m2], rest)) = typed.split_first_chunk::<8>() else {
        return false;
    };
    let is_shaped = [l1, l2, l3, l4].iter().all(u8::is_ascii_uppercase)
        && [y1, y2, m1, m2].iter().all(u8::is_ascii_digit)
        && rest.iter().take(2).all(u8::is_ascii_digit);
    let is_month = |month| matches!(month, 1..=12 | 51..=62);
    let is_day = match *rest {
        [] => true,
        [tens] => tens <= b'3',
        [tens, ones, ..] => {
            tens.is_ascii_digit() && ones.is_ascii_digit() && (1..=31).contains(&two(tens, ones))
        }
    };
    rest.len() < 4 && is_shaped && is_month(two(m1, m2)) && is_day
}

fn two(tens: u8, ones: u8) -> u8 {
    (tens - b'0') * 10 + ones - b'0'
}

/// The code of a capital letter or a digit in EBCDIC.
fn ebcdic(letter: u8) -> u32 {
    let code = match letter {
        b'A'..=b'I' => 193 + (letter - b'A'),
        b'J'..=b'R' => 209 + (letter - b'J'),
        b'S'..=b'Z' => 226 + (letter - b'S'),
        _ => 240 + (letter.wrapping_sub(b'0') & 0x0f),
    };
    u32::from(code)
}

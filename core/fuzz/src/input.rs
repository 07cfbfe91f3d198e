//! What the bytes of a fuzzer mean where a body is read: the body, and behind it where it is cut.
//!
//! The body comes first and untouched, so that a body alone is an input and a change of it moves nothing else.
//! The last byte are switches, the one before it says how many cuts there are, and before that stands each cut
//! with two bytes.

/// Most cuts of one input. Each can fall anywhere, so more would only slow the fuzzer down.
const MAX_CUTS: usize = 7;

/// Bodies up to this length are also fed byte by byte; longer ones would take too long.
const MAX_BYTE_BY_BYTE: usize = 1 << 10;

/// One input.
#[derive(Debug)]
pub struct Input<'a> {
    /// The body.
    pub body: &'a [u8],
    /// Whatever else there is to choose; each target has its own meaning for the bits.
    pub switches: u8,
    cuts: Vec<usize>,
}

impl<'a> Input<'a> {
    /// Reads an input; every sequence of bytes is one.
    pub fn read(data: &'a [u8]) -> Self {
        let Some((&switches, rest)) = data.split_last() else {
            return Self { body: data, switches: 0, cuts: Vec::new() };
        };
        let Some((&count, rest)) = rest.split_last() else {
            return Self { body: rest, switches, cuts: Vec::new() };
        };
        let count = (usize::from(count) % (MAX_CUTS + 1)).min(rest.len() / 2);
        let (body, cuts) = rest.split_at(rest.len() - 2 * count);
        let place = |two: &[u8]| usize::from(u16::from_le_bytes([two[0], two[1]])) % (body.len() + 1);
        let mut cuts: Vec<usize> = cuts.chunks_exact(2).map(place).collect();
        cuts.sort_unstable();
        Self { body, switches, cuts }
    }

    /// The bytes that mean this body, cut in four.
    pub fn write(body: &[u8], switches: u8) -> Vec<u8> {
        let cuts = [1, 2, 3].map(|quarter| u16::try_from(body.len() * quarter / 4).unwrap_or(u16::MAX));
        let cuts = cuts.into_iter().flat_map(u16::to_le_bytes).collect::<Vec<u8>>();
        [body, &cuts, &[3, switches]].concat()
    }

    /// The bit of that number.
    pub fn switch(&self, bit: u8) -> bool {
        self.switches >> bit & 1 == 1
    }

    /// Every cutting but the whole: at the places the fuzzer chose, and byte by byte when that is quick.
    pub fn cuttings(&self) -> Vec<Cutting<'a>> {
        let places = [&[0], self.cuts.as_slice(), &[self.body.len()]].concat();
        let pieces = places.windows(2).map(|pair| &self.body[pair[0]..pair[1]]).collect();
        let mut cuttings = vec![Cutting { pieces, name: format!("cut at {:?}", self.cuts) }];
        if self.body.len() <= MAX_BYTE_BY_BYTE {
            let pieces = self.body.chunks(1).collect();
            cuttings.push(Cutting { pieces, name: "byte by byte".into() });
        }
        cuttings
    }
}

/// A body in pieces.
#[derive(Debug)]
pub struct Cutting<'a> {
    /// Joined they are the body.
    pub pieces: Vec<&'a [u8]>,
    /// How it was cut, for a person.
    pub name: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_every_cutting_is_the_body() {
        let data = Input::write(b"data: {}\n\n", 5);
        let input = Input::read(&data);
        assert_eq!(
            (input.body, input.switches, input.cuts.as_slice()),
            (&b"data: {}\n\n"[..], 5, &[2, 5, 7][..])
        );
        assert!(input.cuttings().iter().all(|cutting| cutting.pieces.concat() == input.body));
    }

    #[test]
    fn every_sequence_of_bytes_is_an_input() {
        for data in [&b""[..], b"a", b"ab", b"\xFF\xFF\xFF", b"abc\xFF\xFF"] {
            let input = Input::read(data);
            assert!(input.cuttings().iter().all(|cutting| cutting.pieces.concat() == input.body), "{data:?}");
        }
    }
}

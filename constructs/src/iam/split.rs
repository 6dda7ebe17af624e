//! Policies that are too long for IAM, in parts that it takes.
//!
//! Statements are independent of each other, and a statement says of each of its resources the same: so whatever is too
//! long can be said by several policies of the role. Of the resource `*` it is the actions that are divided.
//!
//! CloudFormation changes one policy after the other, and no right may be away meanwhile. So a hash of what a right is
//! about says where it is: of one policy more it stays where it is, or goes to the new one. When a role gets more
//! policies, rights move to new ones, which are made first; when it gets fewer, from those that go, which go last;
//! else none moves at all. What can move a right between policies that stay: a role that comes near all that IAM lets it
//! have, whose policies are filled as tightly as they can be; a list of actions that grows beyond [`LONG`], or shrinks below
//! it; and what is forbidden, which is in the first policy as long as it takes half of that at most.

use cloudwright_synth::sorted::{Set, sort_by_cached_key};
use cloudwright_synth::{IntoValue, Json, Scope, Text, short_hash};

use super::{Effect, PolicyDocument, Statement};

/// How many characters the inline policies of a role may have in all, white space left out
/// ([AWS](https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html)).
pub(crate) const INLINE: usize = 10_240;
/// How many a managed policy may have.
pub(crate) const MANAGED: usize = 6_144;
/// How many managed policies a role may have, unless its account has a higher quota.
pub(super) const ATTACHED: usize = 10;

/// What stands around the statements of a document.
const AROUND: usize = 48;
/// What stands around a list in a statement.
const LIST: usize = 16;
/// How much longer an ARN can be than the path of what it is read of.
const LONGER: usize = 136;
/// How long a list of actions may be to be said again in each part.
const LONG: usize = MANAGED / 4;

/// What the parts of a document may be.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// How many characters the first one may have; each other one has as many as a managed policy.
    pub(super) first: usize,
    /// How many there may be.
    pub(super) count: usize,
}

impl Limits {
    const fn room(self, part: usize) -> usize {
        if part == 0 { self.first } else { MANAGED }
    }
}

/// About how long a text gets: a name that CloudFormation makes is known when there is the resource.
fn length(words: &str) -> usize {
    words.len() + 1 + LONGER * words.matches("${").count()
}

/// What stays in one part.
enum Item {
    Resource(Json),
    Action(Text),
}

/// A statement without the list that is divided.
struct Frame {
    words: String,
    length: usize,
    statement: Statement,
}

/// One item of a list.
struct Piece {
    /// What the hash is of: what the right is about, whatever statement it is in.
    key: String,
    frame: usize,
    length: usize,
    item: Item,
    /// Whether it stays in the first part.
    stays: bool,
}

/// A document by its items.
struct Divided {
    frames: Vec<Frame>,
    pieces: Vec<Piece>,
    /// How much of a policy that is taken by what stays in the first part.
    staying: usize,
}

impl Divided {
    fn new(scope: &Scope, statements: Vec<Statement>, first: usize) -> Self {
        let mut all = Self {
            frames: Vec::new(),
            pieces: Vec::new(),
            staying: 0,
        };
        for statement in statements {
            all.divide(scope, statement);
        }
        // What is forbidden stays where it is, unless that is too much.
        let forbids = |piece: &Piece| all.frames[piece.frame].statement.effect == Effect::Deny;
        let stays = all.pieces.iter().map(forbids).collect::<Vec<_>>();
        all.keep(|index, _| stays[index]);
        if all.staying > first / 2 {
            all.keep(|_, _| false);
        }
        // What no other part takes is in the first one.
        let alone = |piece: &Piece| AROUND + all.frames[piece.frame].length + piece.length;
        let alone = all.pieces.iter().map(alone).collect::<Vec<_>>();
        all.keep(|index, stays| stays || alone[index] > MANAGED);
        all
    }

    /// Says which items stay in the first part.
    fn keep(&mut self, stays: impl Fn(usize, bool) -> bool) {
        for (index, piece) in self.pieces.iter_mut().enumerate() {
            piece.stays = stays(index, piece.stays);
        }
        let staying = |piece: &Piece| if piece.stays { 0 } else { 1 };
        let places: Vec<_> = self.pieces.iter().map(staying).collect();
        self.staying = self.lengths(&places, 2)[0];
    }

    fn divide(&mut self, scope: &Scope, mut statement: Statement) {
        let resources = std::mem::take(&mut statement.resources);
        let actions: usize = statement.actions.iter().map(|one| one.len() + 3).sum();
        let (by_action, by_resource): (Vec<_>, Vec<_>) = resources
            .into_iter()
            .partition(|resource| actions > LONG || resource.as_text() == Some("*"));
        if !by_resource.is_empty() {
            let frame = self.frame(scope, statement.clone());
            for resource in by_resource {
                let key = scope.spelled(&resource);
                self.piece(frame, key, Item::Resource(resource));
            }
        }
        for resource in by_action {
            let mut one = statement.clone().on_all([resource.clone()]);
            let actions = std::mem::take(&mut one.actions);
            let frame = self.frame(scope, one);
            let resource = scope.spelled(&resource);
            for action in actions {
                let key = format!("\"{action}\" on {resource}");
                self.piece(frame, key, Item::Action(action));
            }
        }
    }

    fn frame(&mut self, scope: &Scope, statement: Statement) -> usize {
        let words = scope.spelled(&statement.clone().into_json());
        let length = length(&words) + LIST;
        self.frames.push(Frame {
            words,
            length,
            statement,
        });
        self.frames.len() - 1
    }

    fn piece(&mut self, frame: usize, key: String, item: Item) {
        let length = match &item {
            Item::Resource(_) => length(&key),
            Item::Action(action) => action.len() + 3,
        };
        self.pieces.push(Piece {
            key,
            frame,
            length,
            item,
            stays: false,
        });
    }

    /// How long so many parts get.
    fn lengths(&self, places: &[usize], count: usize) -> Vec<usize> {
        let mut lengths = vec![AROUND; count];
        let mut framed = vec![false; count * self.frames.len()];
        for (piece, place) in self.pieces.iter().zip(places) {
            let framed = &mut framed[place * self.frames.len() + piece.frame];
            if !*framed {
                lengths[*place] += self.frames[piece.frame].length;
                *framed = true;
            }
            lengths[*place] += piece.length;
        }
        lengths
    }

    /// Which part each item is in, by a hash of it: in as few parts as that fits in.
    fn spread(&self, limits: Limits) -> Option<Vec<usize>> {
        let mut places = vec![0; self.pieces.len()];
        // What stays in the first part leaves room there, or else has it alone.
        let shared = if self.staying > limits.first / 2 {
            0
        } else {
            limits.first
        };
        let mut rooms = 0;
        for newest in 0..limits.count {
            let room = if newest == 0 { shared } else { MANAGED };
            rooms += room;
            for (piece, place) in self.pieces.iter().zip(&mut places) {
                if newest > 0 && !piece.stays && is_drawn(&piece.key, newest, room, rooms) {
                    *place = newest;
                }
            }
            let lengths = self.lengths(&places, newest + 1);
            let mut parts = lengths.iter().enumerate();
            if parts.all(|(part, length)| *length <= limits.room(part)) {
                return Some(places);
            }
        }
        None
    }

    /// Which part each item is in, so that there are few, however many that is.
    fn packed(&self, limits: Limits) -> Vec<usize> {
        let mut order: Vec<_> = (0..self.pieces.len()).collect();
        sort_by_cached_key(&mut order, |index| {
            let piece = &self.pieces[*index];
            let words = &self.frames[piece.frame].words;
            (!piece.stays, words.clone(), piece.key.clone())
        });
        let mut places = vec![0; self.pieces.len()];
        let mut parts: Vec<(usize, Vec<bool>)> = Vec::new();
        for index in order {
            let piece = &self.pieces[index];
            let frame = self.frames[piece.frame].length;
            let fits = |(part, (length, framed)): (usize, &(usize, Vec<bool>))| {
                let frame = if framed[piece.frame] { 0 } else { frame };
                length + frame + piece.length <= limits.room(part)
            };
            let found = parts.iter().enumerate().position(fits);
            let place = found.unwrap_or(parts.len());
            if found.is_none() {
                parts.push((AROUND, vec![false; self.frames.len()]));
            }
            let (length, framed) = &mut parts[place];
            if !std::mem::replace(&mut framed[piece.frame], true) {
                *length += frame;
            }
            *length += piece.length;
            places[index] = place;
        }
        places
    }

    /// The parts, each with the items that are in it.
    fn documents(self, places: &[usize]) -> Vec<PolicyDocument> {
        let count = places.iter().max().map_or(0, |last| last + 1);
        let mut parts: Vec<Vec<Option<Statement>>> = vec![vec![None; self.frames.len()]; count];
        for (piece, place) in self.pieces.into_iter().zip(places) {
            let frame = &self.frames[piece.frame].statement;
            let statement = parts[*place][piece.frame].get_or_insert_with(|| frame.clone());
            match piece.item {
                Item::Resource(resource) => statement.resources.push(resource),
                Item::Action(action) => statement.actions.push(action),
            }
        }
        let mut names = Set::new();
        let mut document = |statements: Vec<Option<Statement>>| {
            let mut statements: Vec<_> = statements.into_iter().flatten().collect();
            for statement in &mut statements {
                // The name of a statement is said once.
                statement.sid = (statement.sid.take()).filter(|name| names.insert(name.clone()));
            }
            PolicyDocument { statements }
        };
        parts.into_iter().map(&mut document).collect()
    }
}

/// Whether of several parts the newest takes an item, in proportion to its room in all of them.
fn is_drawn(key: &str, newest: usize, room: usize, rooms: usize) -> bool {
    let hash = short_hash(&format!("{newest} {key}"), 8);
    let drawn = u64::from_str_radix(&hash, 16).unwrap_or_default();
    drawn * (rooms as u64) < (room as u64) << 32
}

impl PolicyDocument {
    /// The document, or parts of it. What is in which depends on what the statements say, not on when the program said it.
    pub(super) fn in_parts(self, scope: &Scope, limits: Limits) -> Vec<Self> {
        let words = scope.spelled(&IntoValue::<Json>::into_json(self.clone()));
        if length(&words) <= limits.first {
            return vec![self];
        }
        let divided = Divided::new(scope, self.statements, limits.first);
        let places = (divided.spread(limits)).unwrap_or_else(|| divided.packed(limits));
        divided.documents(&places)
    }
}

//! Everybody a page knows, each once: the sections hold ids, so that a list and a card always tell the same truth.

use crate::api::{AccountId, ConversationId, Timestamp};
use crate::contacts::{Friends, PeoplePage, Person};
use crate::friendships::{Change, FriendRequest, FriendRequests, Note, Standing};

/// Everybody the Network page knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct People {
    known: Vec<Person>,
    friends: Vec<AccountId>,
    received: Vec<Asked>,
    sent: Vec<Asked>,
    directory: Vec<AccountId>,
    /// Those asked from their own card in the directory: it stays where the person pressed.
    kept: Vec<AccountId>,
    /// How many match in the whole directory.
    pub(super) total: u64,
    /// Where the next page of the directory begins.
    pub(super) next: Option<AccountId>,
    /// How many changes came since the page was drawn.
    pub(super) n_changes: u32,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Asked {
    account: AccountId,
    at: Timestamp,
    note: Option<Note>,
}

impl People {
    pub(super) fn new(friends: Friends, requests: FriendRequests, page: PeoplePage) -> Self {
        let mut people = Self::default();
        people.take_page(page, false);
        people.take_lists(friends, requests);
        people
    }

    pub(super) fn find(&self, account: AccountId) -> Option<&Person> {
        self.known.iter().find(|person| person.id == account)
    }

    /// The friends, in the server's order.
    pub(super) fn friends(&self) -> &[AccountId] {
        &self.friends
    }

    /// The requests that await the caller's answer, newest first.
    pub(super) fn received(&self) -> Vec<FriendRequest> {
        self.requests(&self.received)
    }

    /// The requests that await the other's answer, newest first.
    pub(super) fn sent(&self) -> Vec<FriendRequest> {
        self.requests(&self.sent)
    }

    pub(super) fn n_received(&self) -> usize {
        self.received.len()
    }

    pub(super) fn n_sent(&self) -> usize {
        self.sent.len()
    }

    /// What the directory shows: every match of a search; otherwise those who stand in no section above it.
    pub(super) fn directory(&self, is_search: bool) -> Vec<AccountId> {
        let is_above = |account: &AccountId| {
            let standing = self.find(*account).map(|person| person.relation.relation);
            match standing {
                Some(Standing::Friend) => true,
                Some(Standing::RequestReceived | Standing::RequestSent) => !self.kept.contains(account),
                _ => false,
            }
        };
        self.directory
            .iter()
            .copied()
            .filter(|account| is_search || !is_above(account))
            .collect()
    }

    /// Takes over the lists as the server tells them.
    pub(super) fn take_lists(&mut self, friends: Friends, requests: FriendRequests) {
        let asked = |people: &mut Self, requests: Vec<FriendRequest>| {
            requests
                .into_iter()
                .map(|request| {
                    let asked = Asked {
                        account: request.person.id,
                        at: request.sent_at,
                        note: request.note,
                    };
                    people.learn(request.person);
                    asked
                })
                .collect()
        };
        self.received = asked(self, requests.received);
        self.sent = asked(self, requests.sent);
        self.friends = friends.friends.iter().map(|person| person.id).collect();
        for friend in friends.friends {
            self.learn(friend);
        }
    }

    /// Takes over a page of the directory: instead of what it shows, or after it.
    pub(super) fn take_page(&mut self, page: PeoplePage, is_more: bool) {
        if !is_more {
            self.directory.clear();
            self.kept.clear();
        }
        for person in page.people {
            if !self.directory.contains(&person.id) {
                self.directory.push(person.id);
            }
            self.learn(person);
        }
        self.total = page.total;
        self.next = page.next;
    }

    /// Takes over what is now known of a person.
    pub(super) fn learn(&mut self, person: Person) {
        match self.known.iter_mut().find(|known| known.id == person.id) {
            Some(known) => *known = person,
            None => self.known.push(person),
        }
    }

    /// Lets the card stay in the directory although the person now stands in a section above as well.
    pub(super) fn keep(&mut self, account: AccountId) {
        self.kept.push(account);
    }

    /// Applies a change of the relation to one person, at once in all sections.
    pub(super) fn change(&mut self, change: &Change) {
        self.n_changes = self.n_changes.wrapping_add(1);
        let account = change.account;
        let Some(person) = self.known.iter_mut().find(|person| person.id == account) else {
            return;
        };
        person.relation = change.relation.clone();
        person.conversation = change.conversation.or(person.conversation);
        let standing = person.relation.relation;
        let at = person.relation.since.unwrap_or_default();
        self.friends
            .retain(|friend| *friend != account || standing == Standing::Friend);
        if standing == Standing::Friend && !self.friends.contains(&account) {
            self.friends.push(account);
        }
        let list = |list: &mut Vec<Asked>, belongs: bool| {
            list.retain(|asked| belongs || asked.account != account);
            if belongs && !list.iter().any(|asked| asked.account == account) {
                list.insert(
                    0,
                    Asked {
                        account,
                        at,
                        note: None,
                    },
                );
            }
        };
        list(&mut self.received, standing == Standing::RequestReceived);
        list(&mut self.sent, standing == Standing::RequestSent);
    }

    /// Takes requests off the list that were put aside; how one stands to each, events tell.
    pub(super) fn put_aside(&mut self, accounts: &[AccountId]) {
        self.received.retain(|asked| !accounts.contains(&asked.account));
    }

    /// Notes what is left to read in a conversation.
    pub(super) fn count_unread(&mut self, conversation: ConversationId, unread_count: u64) {
        for person in self
            .known
            .iter_mut()
            .filter(|person| person.conversation == Some(conversation))
        {
            person.unread_count = unread_count;
        }
    }

    fn requests(&self, asked: &[Asked]) -> Vec<FriendRequest> {
        asked
            .iter()
            .filter_map(|asked| {
                let person = self.find(asked.account)?.clone();
                Some(FriendRequest {
                    person,
                    sent_at: asked.at,
                    note: asked.note.clone(),
                })
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::friendships::Relation;

    fn id(n: u128) -> AccountId {
        AccountId(Uuid::from_u128(n))
    }

    fn relation(relation: Standing) -> Relation {
        Relation {
            relation,
            since: Some(Timestamp(7)),
            closed_by_me: None,
        }
    }

    fn person(n: u128, standing: Standing) -> Person {
        Person {
            id: id(n),
            name: format!("Personne {n}"),
            given_name: "Personne".to_owned(),
            profession: "infirmière".to_owned(),
            workplace: "CLSC".to_owned(),
            photo: None,
            relation: relation(standing),
            takes_requests: true,
            conversation: None,
            unread_count: 0,
        }
    }

    fn request(n: u128, standing: Standing) -> FriendRequest {
        FriendRequest {
            person: person(n, standing),
            sent_at: Timestamp(7),
            note: None,
        }
    }

    /// 1 is a friend, 2 has asked, 3 was asked, 4 is a stranger.
    fn four() -> People {
        People::new(
            Friends {
                friends: vec![person(1, Standing::Friend)],
            },
            FriendRequests {
                received: vec![request(2, Standing::RequestReceived)],
                sent: vec![request(3, Standing::RequestSent)],
            },
            PeoplePage {
                people: vec![
                    person(1, Standing::Friend),
                    person(2, Standing::RequestReceived),
                    person(3, Standing::RequestSent),
                    person(4, Standing::None),
                ],
                total: 4,
                ..PeoplePage::default()
            },
        )
    }

    fn change(n: u128, standing: Standing) -> Change {
        Change {
            account: id(n),
            relation: relation(standing),
            conversation: None,
        }
    }

    #[test]
    fn everybody_stands_in_one_section() {
        let people = four();

        assert_eq!(people.friends(), [id(1)]);
        assert_eq!((people.n_received(), people.n_sent()), (1, 1));
        assert_eq!(people.directory(false), [id(4)]);
    }

    #[test]
    fn a_search_shows_every_match() {
        assert_eq!(four().directory(true), [id(1), id(2), id(3), id(4)]);
    }

    #[test]
    fn an_accepted_request_moves_to_the_friends_with_its_conversation() {
        let mut people = four();
        let conversation = ConversationId(Uuid::from_u128(9));

        people.change(&Change {
            conversation: Some(conversation),
            ..change(2, Standing::Friend)
        });

        assert_eq!(people.friends(), [id(1), id(2)]);
        assert_eq!(people.n_received(), 0);
        assert_eq!(
            people.find(id(2)).and_then(|person| person.conversation),
            Some(conversation)
        );
        assert_eq!(people.directory(false), [id(4)]);
    }

    #[test]
    fn the_same_change_twice_is_one_change() {
        let mut people = four();

        people.change(&change(4, Standing::RequestReceived));
        people.change(&change(4, Standing::RequestReceived));

        assert_eq!(people.n_received(), 2);
        assert_eq!(
            people.received().first().map(|request| request.person.id),
            Some(id(4))
        );
    }

    #[test]
    fn a_card_asked_from_the_directory_stays_there_until_they_are_friends() {
        let mut people = four();

        people.keep(id(4));
        people.change(&change(4, Standing::RequestSent));

        assert_eq!(people.directory(false), [id(4)]);
        assert_eq!(people.n_sent(), 2);

        people.change(&change(4, Standing::Friend));

        assert_eq!(people.directory(false), []);
    }

    #[test]
    fn a_closed_channel_goes_back_to_the_directory_and_keeps_its_conversation() {
        let mut people = four();
        let conversation = ConversationId(Uuid::from_u128(9));
        people.change(&Change {
            conversation: Some(conversation),
            ..change(1, Standing::Friend)
        });

        people.change(&change(1, Standing::Closed));

        assert!(people.friends().is_empty());
        assert_eq!(people.directory(false), [id(1), id(4)]);
        assert_eq!(
            people.find(id(1)).and_then(|person| person.conversation),
            Some(conversation)
        );
    }

    #[test]
    fn a_change_about_a_stranger_to_the_page_waits_for_the_lists() {
        let mut people = four();

        people.change(&change(5, Standing::RequestReceived));
        assert_eq!(people.n_received(), 1);

        let requests = FriendRequests {
            received: vec![request(5, Standing::RequestReceived)],
            sent: Vec::new(),
        };
        people.take_lists(Friends::default(), requests);
        assert_eq!(
            people.received().first().map(|request| request.person.id),
            Some(id(5))
        );
    }

    #[test]
    fn more_of_the_directory_comes_after_what_is_there_and_doubles_nobody() {
        let mut people = four();
        let more = PeoplePage {
            people: vec![person(4, Standing::None), person(6, Standing::None)],
            ..PeoplePage::default()
        };

        people.take_page(more, true);

        assert_eq!(people.directory(false), [id(4), id(6)]);
    }

    #[test]
    fn requests_that_were_put_aside_leave_the_list_and_come_back_with_it() {
        let mut people = four();
        people.change(&change(4, Standing::RequestReceived));

        people.put_aside(&[id(2)]);

        assert_eq!(people.n_received(), 1);
        assert_eq!(
            people.received().first().map(|request| request.person.id),
            Some(id(4))
        );
        people.change(&change(2, Standing::RequestReceived));
        assert_eq!(people.n_received(), 2);
    }

    #[test]
    fn what_is_left_to_read_shows_on_the_plane() {
        let mut people = four();
        let conversation = ConversationId(Uuid::from_u128(9));
        people.change(&Change {
            conversation: Some(conversation),
            ..change(1, Standing::Friend)
        });

        people.count_unread(conversation, 3);

        assert_eq!(people.find(id(1)).map(|person| person.unread_count), Some(3));
    }
}

//! One attempt at each operation, by name.

use app::accounts::{
    AcceptInvitation, AddPasskey, ChangePassword, ClientKind, ConfirmIdentity, FinishAuthenticator,
    FinishSignIn, GetMe, GetPolicy, GetProvider, GetSecurity, InvitePerson, ListAccounts, ListDevices,
    LockDevice, MakeRecoveryCodes, NoteActivity, OpenVault, ReadLink, RemoveAuthenticator, RemovePasskey,
    RemovePhoto, RemoveProviderLink, ResetPassword, RevokeDevice, SaveDevice, SaveGuardPolicy, SavePhoto,
    SavePolicy, SaveProfile, SaveSettings, Secret, SeeNotices, SetUp, SignIn, SignInByPasskey, SignOut,
    StartAuthenticator, StartPasskey, StartPasskeySignIn, StartProviderJoin, StartProviderLink,
    StartProviderProof, StartProviderSignIn, StartReset, SuspendAccount,
};
use app::api::{
    AcknowledgeEvents, ApiError, AttachmentId, ListEvents, Operation, PasskeyId, Problem, ReportId,
    ReportKey, Timestamp, VaultId,
};
use app::attachments::{
    BeginUpload, DescribeAttachment, DiscardUpload, FileName, FinishUpload, GetAttachment, GetLimits,
};
use app::contacts::{GetProfile, ListFriends, SearchPeople};
use app::conversations::{
    DeleteMessage, Draft, EditMessage, ForwardMessage, GetConversation, GetGuards, GetReceipts,
    ListConversations, ListMarkedMessages, ListVersions, Mark, MarkRead, MarkUnread, OpenConversation,
    PinMessage, ReactToMessage, Reaction, ReadTimeline, SaveDraft, SearchMessages, SendMessage, SignalTyping,
    Sought, StarMessage,
};
use app::friendships::{
    AcceptFriendRequest, BlockAccount, CancelFriendRequest, CloseChannel, GetAskingRule, IgnoreFriendRequest,
    IgnoreFriendRequests, ListFriendRequests, RestoreFriendRequests, SaveAskingRule, SendFriendRequest,
    UnblockAccount, WhoMayAsk,
};
use app::notifications::GetBadges;
use app::reports::{
    CloseReport, GetReportState, ListReports, OpenReport, PreviewReport, ReportAccount, ReportReason,
};

use axum::body::Body;
use axum::http::{Request, header};
use server::http::operations::Asker;
use tower::ServiceExt;

use super::Scene;
use crate::harness::{Harness, PASSWORD, body, unknown_id};

/// Calls the operation of that name, about the other person or the conversation of the scene.
pub(crate) async fn attempt(harness: &Harness, scene: &Scene, name: &str) -> Result<(), ApiError> {
    let account = scene.other.id;
    let (conversation, message) = (scene.conversation, scene.message);
    let attachment = AttachmentId(unknown_id());
    let key = || Secret("0".repeat(43));
    let password = || Secret(PASSWORD.to_owned());
    let new_password = || Secret("une tout autre phrase, plus longue".to_owned());
    let text = |text: &str| text.to_owned();
    let call = Call { harness, scene };
    match name {
        "contacts.search_people" => call.with(SearchPeople::default()).await,
        "contacts.list_friends" => call.with(ListFriends {}).await,
        "contacts.get_profile" => call.with(GetProfile { account }).await,
        "friendships.send_friend_request" => call.with(SendFriendRequest { account, note: None }).await,
        "friendships.cancel_friend_request" => call.with(CancelFriendRequest { account }).await,
        "friendships.accept_friend_request" => call.with(AcceptFriendRequest { account }).await,
        "friendships.ignore_friend_request" => call.with(IgnoreFriendRequest { account }).await,
        "friendships.ignore_friend_requests" => {
            let (accounts, until) = (vec![account], harness.now());
            call.with(IgnoreFriendRequests { accounts, until }).await
        }
        "friendships.restore_friend_requests" => {
            let accounts = vec![account];
            call.with(RestoreFriendRequests { accounts }).await
        }
        "friendships.close_channel" => call.with(CloseChannel { account }).await,
        "friendships.block_account" => call.with(BlockAccount { account }).await,
        "friendships.unblock_account" => call.with(UnblockAccount { account }).await,
        "friendships.list_friend_requests" => call.with(ListFriendRequests {}).await,
        "friendships.get_asking_rule" => call.with(GetAskingRule {}).await,
        "friendships.save_asking_rule" => {
            let who_may_ask = WhoMayAsk::Nobody;
            call.with(SaveAskingRule { who_may_ask }).await
        }
        "conversations.list_conversations" => call.with(ListConversations::default()).await,
        "conversations.open_conversation" => call.with(OpenConversation { account }).await,
        "conversations.get_conversation" => call.with(GetConversation { conversation }).await,
        "conversations.read_timeline" => {
            call.with(ReadTimeline {
                conversation,
                before: None,
                after: None,
                around: None,
                limit: None,
            })
            .await
        }
        "conversations.export_conversation" => export(harness, scene).await,
        "conversations.get_guards" => call.with(GetGuards { conversation }).await,
        "conversations.search_messages" => {
            call.with(SearchMessages {
                text: Sought(text("bonjour")),
                conversation: Some(conversation),
                ..SearchMessages::default()
            })
            .await
        }
        "conversations.mark_read" => {
            call.with(MarkRead {
                conversation,
                position: 1,
            })
            .await
        }
        "conversations.mark_unread" => {
            call.with(MarkUnread {
                conversation,
                position: 1,
            })
            .await
        }
        "conversations.get_receipts" => {
            call.with(GetReceipts {
                conversation,
                position: 2,
            })
            .await
        }
        "conversations.save_draft" => {
            call.with(SaveDraft {
                conversation,
                draft: Draft(text("À finir")),
                over: None,
            })
            .await
        }
        "conversations.send_message" => {
            call.with(SendMessage {
                conversation,
                key: harness.key(),
                reply_to: None,
                body: body("Un mot"),
                clears_draft: false,
                attachments: Vec::new(),
            })
            .await
        }
        "conversations.signal_typing" => call.with(SignalTyping { conversation }).await,
        "conversations.edit_message" => {
            let (key, body) = (harness.key(), body("Un autre mot"));
            call.with(EditMessage { message, key, body }).await
        }
        "conversations.delete_message" => call.with(DeleteMessage { message }).await,
        "conversations.react_to_message" => {
            let (key, reaction) = (harness.key(), Some(Reaction::Seen));
            call.with(ReactToMessage {
                message,
                key,
                reaction,
            })
            .await
        }
        "conversations.pin_message" => {
            let (key, pinned) = (harness.key(), true);
            call.with(PinMessage { message, key, pinned }).await
        }
        "conversations.star_message" => {
            let (key, starred) = (harness.key(), true);
            call.with(StarMessage {
                message,
                key,
                starred,
            })
            .await
        }
        "conversations.forward_message" => {
            let key = harness.key();
            call.with(ForwardMessage {
                message,
                conversation,
                key,
            })
            .await
        }
        "conversations.list_versions" => call.with(ListVersions { message }).await,
        "conversations.list_marked_messages" => {
            let (mark, before) = (Mark::Pinned, None);
            call.with(ListMarkedMessages {
                conversation,
                mark,
                before,
            })
            .await
        }
        "attachments.get_limits" => call.with(GetLimits {}).await,
        "attachments.begin_upload" => {
            call.with(BeginUpload {
                conversation,
                key: harness.key(),
                name: FileName::from_store(text("ecg.pdf")),
                size: 1_000,
                description: None,
            })
            .await
        }
        "attachments.finish_upload" => {
            call.with(FinishUpload {
                attachment,
                sha256: None,
            })
            .await
        }
        "attachments.get_attachment" => call.with(GetAttachment { attachment }).await,
        "attachments.describe_attachment" => {
            call.with(DescribeAttachment {
                attachment,
                description: text("Un tracé"),
            })
            .await
        }
        "attachments.discard_upload" => call.with(DiscardUpload { attachment }).await,
        "reports.get_report_state" => {
            let key = Some(ReportKey(harness.key().0));
            call.with(GetReportState { account, key }).await
        }
        "reports.preview_report" => {
            let (reason, words, messages) = (ReportReason::Other, String::new(), Vec::new());
            call.with(PreviewReport {
                account,
                reason,
                words,
                messages,
            })
            .await
        }
        "reports.report_account" => {
            let (reason, words, messages) = (ReportReason::Other, text("Il insiste."), Vec::new());
            call.with(ReportAccount {
                key: ReportKey(harness.key().0),
                account,
                reason,
                words,
                messages,
                shown: None,
            })
            .await
        }
        "reports.list_reports" => call.with(ListReports::default()).await,
        "reports.open_report" => {
            let report = ReportId(crate::harness::unknown_id());
            call.with(OpenReport { report }).await
        }
        "reports.close_report" => {
            let report = ReportId(crate::harness::unknown_id());
            call.with(CloseReport { report }).await
        }
        "events.list_events" => {
            call.with(ListEvents {
                after: Some(0),
                limit: None,
                wait: None,
            })
            .await
        }
        "events.acknowledge_events" => call.with(AcknowledgeEvents { cursor: 0 }).await,
        "notifications.get_badges" => call.with(GetBadges {}).await,
        "accounts.sign_in" => {
            let email = scene.me.email.clone();
            call.with(SignIn {
                email,
                password: password(),
                client: ClientKind::Api,
            })
            .await
        }
        "accounts.sign_out" => call.with(SignOut {}).await,
        "accounts.get_me" => call.with(GetMe {}).await,
        "accounts.save_profile" => {
            let (title, phone) = (String::new(), String::new());
            let (name, profession, workplace) = (text("Camille T."), text("médecin"), text("CLSC"));
            call.with(SaveProfile {
                title,
                name,
                profession,
                workplace,
                phone,
            })
            .await
        }
        "accounts.save_settings" => {
            call.with(SaveSettings {
                guide_step: Some(2),
                ..SaveSettings::default()
            })
            .await
        }
        "accounts.save_photo" => {
            call.with(SavePhoto {
                picture: text("AAAA"),
                left: 0,
                top: 0,
                side: 1_000,
            })
            .await
        }
        "accounts.remove_photo" => call.with(RemovePhoto {}).await,
        "accounts.change_password" => {
            call.with(ChangePassword {
                password: password(),
                new_password: new_password(),
            })
            .await
        }
        "accounts.finish_sign_in" => {
            let (ticket, code) = (key(), Secret(text("000000")));
            let client = ClientKind::Api;
            call.with(FinishSignIn { ticket, code, client }).await
        }
        "accounts.confirm_identity" => {
            let (password, code) = (password(), None);
            call.with(ConfirmIdentity { password, code }).await
        }
        "accounts.note_activity" => call.with(NoteActivity {}).await,
        "accounts.lock_device" => call.with(LockDevice {}).await,
        "accounts.save_device" => call.with(SaveDevice { is_shared: true }).await,
        "accounts.get_security" => call.with(GetSecurity {}).await,
        "accounts.see_notices" => {
            let until = Timestamp(i64::MAX);
            call.with(SeeNotices { until }).await
        }
        "accounts.start_authenticator" => call.with(StartAuthenticator {}).await,
        "accounts.finish_authenticator" => {
            let code = Secret(text("000000"));
            call.with(FinishAuthenticator { code }).await
        }
        "accounts.remove_authenticator" => call.with(RemoveAuthenticator {}).await,
        "accounts.make_recovery_codes" => call.with(MakeRecoveryCodes {}).await,
        "accounts.start_passkey" => call.with(StartPasskey {}).await,
        "accounts.add_passkey" => {
            let (ceremony, credential) = (key(), Secret(text("{}")));
            call.with(AddPasskey { ceremony, credential }).await
        }
        "accounts.remove_passkey" => {
            let passkey = PasskeyId(crate::harness::unknown_id());
            call.with(RemovePasskey { passkey }).await
        }
        "accounts.start_passkey_sign_in" => call.with(StartPasskeySignIn {}).await,
        "accounts.sign_in_by_passkey" => {
            let (ceremony, credential) = (key(), Secret(text("{}")));
            call.with(SignInByPasskey { ceremony, credential }).await
        }
        "accounts.get_provider" => call.with(GetProvider {}).await,
        "accounts.start_provider_sign_in" => call.with(StartProviderSignIn::default()).await,
        "accounts.start_provider_join" => {
            let (title, name) = (String::new(), text("Zoé Abel"));
            let (profession, workplace) = (text("infirmière"), text("CLSC"));
            call.with(StartProviderJoin {
                key: key(),
                password: Secret(String::new()),
                title,
                name,
                profession,
                workplace,
            })
            .await
        }
        "accounts.start_provider_link" => call.with(StartProviderLink {}).await,
        "accounts.start_provider_proof" => call.with(StartProviderProof::default()).await,
        "accounts.remove_provider_link" => call.with(RemoveProviderLink {}).await,
        "accounts.get_policy" => call.with(GetPolicy {}).await,
        "accounts.save_policy" => {
            let is_factor_required = true;
            call.with(SavePolicy { is_factor_required }).await
        }
        "accounts.save_guard_policy" => {
            let is_unfiled_guarded = false;
            call.with(SaveGuardPolicy { is_unfiled_guarded }).await
        }
        "accounts.list_devices" => call.with(ListDevices {}).await,
        "accounts.revoke_device" => {
            call.with(RevokeDevice {
                device: scene.other.device,
            })
            .await
        }
        "accounts.open_vault" => {
            call.with(OpenVault {
                vault: VaultId(harness.key().0),
            })
            .await
        }
        "accounts.set_up" => {
            let (email, title, name) = (text("zoe@demo.example"), String::new(), text("Zoé Abel"));
            let (profession, workplace) = (text("infirmière"), text("CLSC"));
            let password = new_password();
            call.with(SetUp {
                key: key(),
                email,
                password,
                title,
                name,
                profession,
                workplace,
            })
            .await
        }
        "accounts.read_link" => call.with(ReadLink { key: key() }).await,
        "accounts.accept_invitation" => {
            let (title, name) = (String::new(), text("Zoé Abel"));
            let (profession, workplace) = (text("infirmière"), text("CLSC"));
            let password = new_password();
            call.with(AcceptInvitation {
                key: key(),
                password,
                title,
                name,
                profession,
                workplace,
            })
            .await
        }
        "accounts.reset_password" => {
            call.with(ResetPassword {
                key: key(),
                password: new_password(),
            })
            .await
        }
        "accounts.list_accounts" => call.with(ListAccounts {}).await,
        "accounts.invite_person" => {
            let (email, name) = (text("zoe@demo.example"), text("Zoé Abel"));
            call.with(InvitePerson {
                email,
                name,
                profession: String::new(),
                workplace: String::new(),
            })
            .await
        }
        "accounts.start_reset" => {
            call.with(StartReset {
                account,
                with_factors: false,
            })
            .await
        }
        "accounts.suspend_account" => {
            call.with(SuspendAccount {
                account,
                suspended: true,
            })
            .await
        }
        unknown => panic!("`{unknown}` cannot be attempted yet: add it here and in ROWS"),
    }
}

/// Asks for an export at its door.
async fn export(harness: &Harness, scene: &Scene) -> Result<(), ApiError> {
    let mut request = Request::post("/api/v1/conversations.export_conversation")
        .header(header::CONTENT_TYPE, "application/json");
    if let Asker::Caller(_) = scene.asker {
        request = request.header(header::AUTHORIZATION, format!("Bearer {}", scene.me.token));
    }
    let wish = format!(r#"{{"conversation":"{}","format":"json"}}"#, scene.conversation);
    let response = harness
        .router()
        .oneshot(request.body(Body::from(wish)).unwrap())
        .await
        .unwrap();
    let is_done = response.status().is_success();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX)
        .await
        .unwrap();
    if is_done {
        return Ok(());
    }
    Err(serde_json::from_slice::<Problem>(&bytes).unwrap().into_error())
}

struct Call<'a> {
    harness: &'a Harness,
    scene: &'a Scene,
}

impl Call<'_> {
    async fn with<O: Operation>(&self, operation: O) -> Result<(), ApiError> {
        self.harness
            .call_as(self.scene.asker.clone(), operation)
            .await
            .map(|_| ())
    }
}

#include "app/daemon/record_keys.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "foundation/records/kinds.h"
#include "path/plugged.h"

namespace pawl {
namespace {

using Key = KeyValidity::Key;

json::Object jwk_of(const PublicKey& key) {
  // What the library printed itself parses.
  return json::parse(key.to_jwk())->value.get_object();
}

}  // namespace

Status RecordKeys::settle(Keystore& keys, const KeyValidity& validity) {
  const Key* next = validity.find(keys.next_kid());
  if (next != nullptr && next->may_sign()) {
    if (Status adopted = keys.adopt_next(); !adopted) {
      return adopted;
    }
  }
  const Key* own = validity.find(keys.instance_kid());
  if (validity.all().empty() || (own != nullptr && own->may_sign()) ||
      !plugged(ControlId::kRetiredKey)) {
    return {};
  }
  std::string expected;
  for (const Key& key : validity.all()) {
    expected = key.may_sign() ? key.kid : expected;
  }
  return fail(Code::kForbidden, keys.instance_source() + ": its key " + keys.instance_kid() +
                                    (own != nullptr ? " was retired" : " is not of this ledger") +
                                    " and may not sign; restore the keystore that has key " +
                                    expected);
}

RecordKeys::RecordKeys(Parts parts) : parts_(std::move(parts)) {
  tell_parents();
}

void RecordKeys::begin() {
  busy_ = true;
  retire_unused([](const Result<json::Object>& done) {
    if (!done) {
      log(LogLevel::kError, "key_not_retired", {{"reason", done.error().message}});
    }
  });
}

Status RecordKeys::may_begin() const {
  if (busy_) {
    return fail(Code::kConflict, "another change of the keys is under way");
  }
  if (const std::string why = parts_.why_not(); !why.empty()) {
    return fail(Code::kConflict, why);
  }
  return parts_.keys.settle_instance();
}

Status RecordKeys::prepare_next() {
  if (Status ready = may_begin(); !ready) {
    return ready;
  }
  const Key* known = parts_.decisions.keys.find(parts_.keys.next_kid());
  if (known != nullptr && !known->may_sign()) {  // of a change that a renewal of the log cut off
    parts_.keys.forget_next();
  }
  return parts_.keys.prepare_next();
}

void RecordKeys::record(std::string_view kind, const KeyRecord& record,
                        std::function<void(const Result<RecordRef>&)> then) {
  RecordDraft draft;
  draft.id = parts_.recorder.new_id();
  draft.kind = kind;
  draft.body.members(print_key_record(record));
  parts_.recorder.record(std::move(draft), std::move(then));
}

void RecordKeys::rotate(Done done) {
  const Status ready = prepare_next();
  if (!ready) {
    done(fail(ready.error()));
    return;
  }
  busy_ = true;
  KeyRecord activated;
  activated.kid = parts_.keys.next_kid();
  if (parts_.decisions.keys.find(activated.kid) != nullptr) {  // an earlier try got as far as that
    adopt(std::move(done));
    return;
  }
  activated.jwk = jwk_of(parts_.keys.next_key()->public_key());
  record(kinds::kKeyActivated, activated,
         [this, done = std::move(done)](const Result<RecordRef>& recorded) {
           if (recorded) {
             adopt(done);
           } else {
             end(done, fail(recorded.error()));
           }
         });
}

// The next key may sign, and the ledger says so.
void RecordKeys::adopt(Done done) {
  if (Status adopted = parts_.keys.adopt_next(); !adopted) {
    end(done,
        fail_at("the next key may sign, and could not be put in its place; restart the daemon",
                adopted.error()));
    return;
  }
  parts_.recorder.sign_with(parts_.keys.instance_key(), parts_.keys.instance_kid());
  tell_parents();
  log(LogLevel::kInfo, "key_in_use", {{"kid", parts_.keys.instance_kid()}});
  retire_unused(std::move(done));
}

void RecordKeys::retire_unused(Done done) {
  const std::vector<Key>& keys = parts_.decisions.keys.all();
  const auto unused = std::find_if(keys.begin(), keys.end(), [this](const Key& key) {
    return key.may_sign() && key.kid != parts_.keys.instance_kid();
  });
  if (unused == keys.end()) {
    end(done, list());
    return;
  }
  KeyRecord retired;
  retired.what = KeyRecord::What::kRetired;
  retired.kid = unused->kid;
  record(kinds::kKeyRetired, retired,
         [this, done = std::move(done)](const Result<RecordRef>& recorded) {
           if (recorded) {
             retire_unused(done);
           } else {
             end(done, fail_at("the old key is not retired", recorded.error()));
           }
         });
}

void RecordKeys::end(const Done& done, Result<json::Object> result) {
  busy_ = false;
  tell_parents();
  done(std::move(result));
}

void RecordKeys::retire(const std::string& kid, Done done) {
  Status ready = may_begin();
  const Key* key = parts_.decisions.keys.find(kid);
  if (ready && key == nullptr) {
    ready = fail(Code::kNotFound, "no key " + kid + " signs this ledger");
  } else if (ready && kid == parts_.keys.instance_kid()) {
    ready = fail(Code::kConflict, "key " + kid + " is in use: rotate, and it is retired");
  } else if (ready && !key->may_sign()) {
    ready = fail(Code::kConflict, "key " + kid + " was retired before");
  }
  if (!ready) {
    done(fail(ready.error()));
    return;
  }
  busy_ = true;
  retire_unused(std::move(done));
}

Result<json::Object> RecordKeys::prepare() {
  const Status ready = prepare_next();
  return ready ? Result<json::Object>(list()) : fail(ready.error());
}

Result<KeyRecord> RecordKeys::compromise_of(const override_::VerifiedCompromise& verified) const {
  const Compromise& said = verified.said;
  const Key* key = parts_.decisions.keys.find(said.kid);
  if (key == nullptr) {
    return fail(Code::kNotFound, "no key " + said.kid + " signs this ledger");
  }
  if (said.since_s > parts_.recorder.now().seconds()) {
    return fail(Code::kInvalidParams, "a key is compromised since a time that is past");
  }
  if (key->compromised_since_s && *key->compromised_since_s <= said.since_s) {
    return fail(Code::kConflict,
                "key " + said.kid + " is reported since that time or an earlier one");
  }
  const bool in_use = said.kid == parts_.keys.instance_kid();
  const std::string follows = in_use ? parts_.keys.next_kid() : parts_.keys.instance_kid();
  if ((in_use && follows.empty()) || (said.next != follows && (in_use || !said.next.empty()))) {
    return fail(Code::kConflict, "the statement must vouch for the key that is used from now on" +
                                     (follows.empty() ? ": prepare one" : ": " + follows));
  }
  KeyRecord out;
  out.what = KeyRecord::What::kCompromised;
  out.kid = said.kid;
  out.since_s = said.since_s;
  out.next = said.next;
  if (!said.next.empty()) {
    out.jwk = jwk_of(in_use ? parts_.keys.next_key()->public_key()
                            : parts_.keys.instance_key().public_key());
  }
  out.reason = said.reason;
  out.operator_name = verified.operator_name;
  out.operator_kid = verified.kid;
  out.statement = verified.token;
  return out;
}

void RecordKeys::compromised(const override_::VerifiedCompromise& verified, Done done) {
  const Status ready = may_begin();
  const Result<KeyRecord> reported = ready ? compromise_of(verified) : fail(ready.error());
  if (!reported) {
    done(fail(reported.error()));
    return;
  }
  busy_ = true;
  record(kinds::kKeyCompromised, *reported,
         [this, kid = reported->kid,
          done = std::move(done)](const Result<RecordRef>& recorded) mutable {
           if (!recorded) {
             end(done, fail(recorded.error()));
             return;
           }
           log(LogLevel::kWarn, "key_compromised", {{"kid", kid}});
           if (kid == parts_.keys.instance_kid()) {
             adopt(std::move(done));
           } else {
             retire_unused(std::move(done));
           }
         });
}

}  // namespace pawl

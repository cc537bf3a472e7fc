#include "foundation/keys/key_validity.h"

#include <algorithm>
#include <limits>

namespace pawl {
namespace {

using What = KeyRecord::What;

Status refuse(const std::string& kid, std::string_view why) {
  return fail(Code::kBadSignature, "key " + kid + " " + std::string(why));
}

std::int64_t number_at(const json::Value& value, std::string_view name) {
  const json::Value* found = json::find(value, {name});
  return found != nullptr && found->is_int64() ? found->get_int64() : 0;
}

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

}  // namespace

Result<PublicKey> key_of_record(const KeyRecord& record) {
  Result<PublicKey> key = PublicKey::from_jwk(json::Value(record.jwk));
  if (!key || key->kind() != KeyKind::kP256) {
    return fail(Code::kBadSignature, "key " + record.begins() + " is no P-256 key");
  }
  if (key->thumbprint() != record.begins()) {
    return fail(Code::kBadSignature,
                "key " + record.begins() + " is named otherwise than its thumbprint");
  }
  return key;
}

const KeyValidity::Key* KeyValidity::find(std::string_view kid) const {
  const auto at =
      std::find_if(keys_.begin(), keys_.end(), [&](const Key& key) { return key.kid == kid; });
  return at == keys_.end() ? nullptr : &*at;
}

KeyValidity::Key* KeyValidity::known(std::string_view kid) {
  return const_cast<Key*>(find(kid));
}

Status KeyValidity::begin(const std::string& kid, std::int64_t recorded_s) {
  const Key* first = find(kid);
  if (first != nullptr ? !first->may_sign() : !keys_.empty()) {
    return refuse(kid, "may not begin this log: the log before ended without it");
  }
  if (first == nullptr) {
    Key key;
    key.kid = kid;
    keys_.push_back(std::move(key));
  }
  for (Key& key : keys_) {
    key.from = 0;
    if (key.kid != kid) {
      key.until_s = key.may_sign() ? recorded_s : key.until_s;
      key.until = 0;
    }
  }
  return {};
}

Status KeyValidity::apply(std::uint64_t index, std::string_view signed_by, std::int64_t recorded_s,
                          const KeyRecord& record) {
  if (record.what == What::kOpened) {
    return record.kid == signed_by ? Status{}
                                   : refuse(record.kid, "is named first, and another one signed");
  }
  if (record.what == What::kActivated) {
    return add(index, signed_by, recorded_s, record);
  }
  if (record.what == What::kCompromised) {
    return compromise(index, signed_by, recorded_s, record);
  }
  Key* key = known(record.kid);
  if (key == nullptr || !key->may_sign()) {
    return refuse(record.kid, "is retired, and was not in force");
  }
  if (record.kid == signed_by) {
    return refuse(record.kid, "retires itself");
  }
  key->until = index;
  key->until_s = recorded_s;
  return {};
}

Status KeyValidity::add(std::uint64_t index, std::string_view signed_by, std::int64_t recorded_s,
                        const KeyRecord& record) {
  const std::string& kid = record.begins();
  if (find(kid) != nullptr) {
    return refuse(kid, "is activated a second time");
  }
  if (keys_.size() >= kMost) {
    return fail(Code::kTooLarge, "a log knows at most 1000 keys");
  }
  if (const Result<PublicKey> fits = key_of_record(record); !fits) {
    return fail(fits.error());
  }
  Key key;
  key.kid = kid;
  key.jwk = json::print(record.jwk);
  key.from = index + 1;
  key.activated_by = signed_by;
  key.activated_s = recorded_s;
  keys_.push_back(std::move(key));
  return {};
}

Status KeyValidity::compromise(std::uint64_t index, std::string_view signed_by,
                               std::int64_t recorded_s, const KeyRecord& record) {
  if (record.since_s > recorded_s) {
    return refuse(record.kid, "is reported as compromised from a later time on");
  }
  if (!record.next.empty()) {
    Key* next = known(record.next);
    if (next != nullptr && !next->may_sign()) {
      return refuse(record.next, "is vouched for, and was retired");
    }
    if (next == nullptr) {
      if (Status added = add(index, signed_by, recorded_s, record); !added) {
        return added;
      }
      next = &keys_.back();
    }
    next->vouched = true;
  }
  Key* key = known(record.kid);
  if (key == nullptr) {
    Key earlier;
    earlier.kid = record.kid;
    earlier.until = 0;
    keys_.push_back(std::move(earlier));
    key = &keys_.back();
  }
  key->compromised_since_s =
      std::min(key->compromised_since_s.value_or(record.since_s), record.since_s);
  return {};
}

void KeyValidity::learn(const Key& later) {
  Key* key = known(later.kid);
  if (key == nullptr) {
    return;
  }
  key->vouched = key->vouched || later.vouched;
  if (later.compromised_since_s) {
    key->compromised_since_s = std::min(
        key->compromised_since_s.value_or(*later.compromised_since_s), *later.compromised_since_s);
  }
}

// Along who let whom begin; a key is activated by an earlier one, so this ends.
std::optional<KeyValidity::Suspicion> KeyValidity::suspicion(std::string_view kid) const {
  const Key* const own = find(kid);
  std::optional<Suspicion> out;
  if (own != nullptr && own->compromised_since_s) {
    out = Suspicion{*own->compromised_since_s, *own->compromised_since_s};
  }
  for (const Key* key = own; key != nullptr && !key->vouched && !key->activated_by.empty();) {
    const Key* by = find(key->activated_by);
    if (by != nullptr && by->compromised_since_s && key->activated_s >= *by->compromised_since_s) {
      const std::int64_t since = *by->compromised_since_s;
      return Suspicion{std::numeric_limits<std::int64_t>::min(),
                       out ? std::min(out->since_s, since) : since};
    }
    key = by;
  }
  return out;
}

KeyValidity::Answer KeyValidity::judge(std::string_view kid, std::uint64_t index,
                                       std::int64_t recorded_s) const {
  const Key* key = find(kid);
  if (key == nullptr) {
    return Answer::kUnknown;
  }
  if (key->until && index >= *key->until) {
    return Answer::kRetired;
  }
  if (index < key->from) {
    return Answer::kNotYet;
  }
  const std::optional<Suspicion> suspect = suspicion(kid);
  return suspect && recorded_s >= suspect->from_s ? Answer::kSuspect : Answer::kValid;
}

json::Array KeyValidity::print() const {
  json::Array out;
  for (const Key& key : keys_) {
    json::Object one{{"kid", key.kid}, {"jwk", key.jwk}, {"from", key.from}};
    if (key.until) {
      one["until"] = *key.until;
      one["until_s"] = key.until_s;
    }
    if (key.compromised_since_s) {
      one["compromised_since"] = *key.compromised_since_s;
    }
    one["vouched"] = key.vouched;
    one["activated_by"] = key.activated_by;
    one["activated_s"] = key.activated_s;
    out.push_back(std::move(one));
  }
  return out;
}

Result<KeyValidity> KeyValidity::read(const json::Value* list) {
  KeyValidity out;
  if (list == nullptr) {
    return out;
  }
  if (!list->is_array()) {
    return fail(Code::kMalformed, "keys: expected a list");
  }
  for (const json::Value& one : list->get_array()) {
    Key key;
    key.kid = text_at(one, "kid");
    if (key.kid.empty() || out.find(key.kid) != nullptr) {
      return fail(Code::kMalformed, "keys: each has a kid of its own");
    }
    key.jwk = text_at(one, "jwk");
    if (number_at(one, "from") < 0 || number_at(one, "until") < 0) {
      return fail(Code::kMalformed, "keys: an index is below 0");
    }
    key.from = static_cast<std::uint64_t>(number_at(one, "from"));
    if (json::find(one, {"until"}) != nullptr) {
      key.until = static_cast<std::uint64_t>(number_at(one, "until"));
      key.until_s = number_at(one, "until_s");
    }
    if (json::find(one, {"compromised_since"}) != nullptr) {
      key.compromised_since_s = number_at(one, "compromised_since");
    }
    const json::Value* vouched = json::find(one, {"vouched"});
    key.vouched = vouched != nullptr && vouched->is_bool() && vouched->get_bool();
    key.activated_by = text_at(one, "activated_by");
    key.activated_s = number_at(one, "activated_s");
    out.keys_.push_back(std::move(key));
  }
  return out;
}

}  // namespace pawl

#include "foundation/ledger/evidence.h"

#include <algorithm>
#include <boost/json/array.hpp>

#include "base/encoding.h"
#include "foundation/ledger/checkpoint.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFormat = "pawl.evidence/1";
constexpr std::size_t kMaxDepth = 5;  // the file, `keys`, a set, its list, a key
constexpr std::size_t kMostMembers = 2'000'000;
constexpr std::size_t kMostMembersOfOne = 16;
constexpr std::size_t kMaxTokenBytes = 65'535;  // of an entry, tiles.md
constexpr std::size_t kMaxNoteBytes = 1u << 20;
constexpr std::size_t kMaxPath = 63;

tl::unexpected<Error> malformed(const std::string& where, const std::string& expected) {
  return fail(Code::kMalformed, "evidence: " + where + ": expected " + expected);
}

tl::unexpected<Error> too_many(const std::string& where, std::size_t most) {
  return fail(Code::kTooLarge, "evidence: " + where + ": more than " + std::to_string(most));
}

// Every member is known and needed, but for what `optional` names.
Status check_members(const std::string& where, const json::Value& value,
                     std::initializer_list<std::string_view> names,
                     std::string_view optional = "") {
  const json::Object* object = value.if_object();
  if (object == nullptr) {
    return malformed(where, "an object");
  }
  for (const std::string_view name : names) {
    if (!object->contains(name)) {
      return malformed(where, "a member " + std::string(name));
    }
  }
  for (const auto& member : *object) {
    const std::string_view name = member.key();
    if (name != optional && std::find(names.begin(), names.end(), name) == names.end()) {
      return malformed(where, "no member " + json::quote(name.substr(0, 64)));
    }
  }
  return {};
}

Result<std::string> read_text(const std::string& where, const json::Value& value,
                              std::size_t most) {
  if (!value.is_string() || value.get_string().empty()) {
    return malformed(where, "a text");
  }
  if (value.get_string().size() > most) {
    return too_many(where, most);
  }
  return std::string(value.get_string());
}

Result<const json::Array*> read_list(const std::string& where, const json::Value& value,
                                     std::size_t most) {
  const json::Array* list = value.if_array();
  if (list == nullptr) {
    return malformed(where, "a list");
  }
  if (list->size() > most) {
    return too_many(where, most);
  }
  return list;
}

// One spelling for one id: lower case.
Result<Uuid> read_id(const std::string& where, const json::Value& value) {
  const Result<Uuid> id = value.is_string() ? Uuid::parse(std::string_view(value.get_string()))
                                            : Result<Uuid>(fail(Code::kMalformed, ""));
  if (!id || id->text() != std::string_view(value.get_string())) {
    return malformed(where, "a UUID in lower case");
  }
  return *id;
}

Result<Proof> read_path(const std::string& where, const json::Value& value) {
  const Result<const json::Array*> list = read_list(where, value, kMaxPath);
  if (!list) {
    return fail(list.error());
  }
  Proof path;
  for (const json::Value& one : **list) {
    const Result<Digest> hash = one.is_string() ? parse_digest(std::string_view(one.get_string()))
                                                : Result<Digest>(fail(Code::kMalformed, ""));
    if (!hash) {
      return malformed(where + "[" + std::to_string(path.size()) + "]", "base64 of 32 bytes");
    }
    path.push_back(*hash);
  }
  return path;
}

Result<EvidenceEntry> read_entry(const std::string& where, const json::Value& value) {
  if (Status members = check_members(where, value, {"index", "token", "proof"}); !members) {
    return fail(members.error());
  }
  const json::Object& object = value.get_object();
  const json::Value& index = object.at("index");
  if (!index.is_int64() || index.get_int64() < 0) {
    return malformed(where + ".index", "a whole number from 0");
  }
  Result<std::string> token = read_text(where + ".token", object.at("token"), kMaxTokenBytes);
  Result<Proof> path =
      token ? read_path(where + ".proof", object.at("proof")) : fail(token.error());
  if (!path) {
    return fail(path.error());
  }
  return EvidenceEntry{static_cast<std::uint64_t>(index.get_int64()), *std::move(token),
                       *std::move(path)};
}

Result<std::vector<EvidenceEntry>> read_entries(const std::string& where, const json::Value& value,
                                                std::size_t most) {
  const Result<const json::Array*> list = read_list(where, value, most);
  if (!list) {
    return fail(list.error());
  }
  if ((*list)->empty()) {
    return malformed(where, "at least one entry");
  }
  std::vector<EvidenceEntry> out;
  for (const json::Value& one : **list) {
    const std::string place = where + "[" + std::to_string(out.size()) + "]";
    Result<EvidenceEntry> entry = read_entry(place, one);
    if (!entry) {
      return fail(entry.error());
    }
    if (!out.empty() && entry->index <= out.back().index) {
      return malformed(place + ".index", "more than the index before it");
    }
    out.push_back(*std::move(entry));
  }
  return out;
}

Result<std::vector<Uuid>> read_missing(const json::Value& value) {
  const Result<const json::Array*> list = read_list("missing", value, kMostMissingParents);
  if (!list) {
    return fail(list.error());
  }
  std::vector<Uuid> out;
  for (const json::Value& one : **list) {
    const std::string place = "missing[" + std::to_string(out.size()) + "]";
    const Result<Uuid> id = read_id(place, one);
    if (!id) {
      return fail(id.error());
    }
    if (!out.empty() && *id <= out.back()) {
      return malformed(place, "an id behind the one before it");
    }
    out.push_back(*id);
  }
  return out;
}

// A trust file's members of the same names, without a pin.
json::Object print_keys(const Trust& keys) {
  Trust bare = keys;
  bare.pinned_size = 0;
  bare.pinned_root.clear();
  json::Object out = json::parse(print_trust(bare))->value.get_object();
  out.erase("format");
  return out;
}

// They must be what Pawl prints of them, so that nothing in them is read by nobody.
Result<Trust> read_keys(const json::Value& value) {
  if (Status members = check_members("keys", value, {"log", "token_keys"}, "operator_keys");
      !members) {
    return fail(members.error());
  }
  json::Object file(value.get_object(), {});
  file["format"] = "pawl.trust/1";
  Result<Trust> keys = parse_trust(json::print(file));
  if (!keys) {
    return fail_at("evidence: keys", keys.error());
  }
  for (const jose::JwkSet* set : {&keys->token_keys, &keys->operator_keys}) {
    for (const auto& [kid, key] : set->keys()) {
      if (key.thumbprint() != kid) {
        return malformed("keys", "each kid to be its key's RFC 7638 thumbprint");
      }
    }
  }
  if (json::canonical(json::Value(print_keys(*keys))) != json::canonical(value)) {
    return malformed("keys", "P-256 keys in the order of their kid, with kid, kty, crv, x, y");
  }
  return keys;
}

json::Array print_entries(const std::vector<EvidenceEntry>& entries) {
  json::Array out;
  for (const EvidenceEntry& entry : entries) {
    json::Array path;
    for (const Digest& hash : entry.path) {
      path.push_back(json::Value(base64_encode(view(hash))));
    }
    out.push_back(
        json::Object{{"index", entry.index}, {"token", entry.token}, {"proof", std::move(path)}});
  }
  return out;
}

Result<Evidence> read_file_members(const json::Object& file) {
  Evidence out;
  const Result<Uuid> workflow = read_id("workflow", file.at("workflow"));
  if (!workflow) {
    return fail(workflow.error());
  }
  out.workflow = *workflow;
  Result<std::string> checkpoint = read_text("checkpoint", file.at("checkpoint"), kMaxNoteBytes);
  if (!checkpoint) {
    return fail(checkpoint.error());
  }
  out.checkpoint = *std::move(checkpoint);
  Result<Trust> keys = read_keys(file.at("keys"));
  if (!keys) {
    return fail(keys.error());
  }
  out.keys = *std::move(keys);
  Result<std::vector<EvidenceEntry>> key_records =
      read_entries("key_records", file.at("key_records"), kMostEvidenceKeyRecords);
  if (!key_records) {
    return fail(key_records.error());
  }
  out.key_records = *std::move(key_records);
  Result<std::vector<EvidenceEntry>> entries =
      read_entries("entries", file.at("entries"), kMostEvidenceEntries);
  if (!entries) {
    return fail(entries.error());
  }
  out.entries = *std::move(entries);
  Result<std::vector<Uuid>> missing = read_missing(file.at("missing"));
  if (!missing) {
    return fail(missing.error());
  }
  out.missing = *std::move(missing);
  return out;
}

}  // namespace

bool looks_like_evidence(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != text.npos && text[begin] == '{';
}

Result<Evidence> parse_evidence(std::string_view text) {
  if (text.size() > kMaxEvidenceBytes) {
    return too_many("bytes", kMaxEvidenceBytes);
  }
  const std::string quoted = json::quote(kFormat);
  if (text.find(quoted) == text.npos) {
    return fail(Code::kUnsupported, "not an evidence file: expected the format " + quoted);
  }
  const Result<json::Parsed> parsed =
      json::parse(text, {kMaxEvidenceBytes, kMaxDepth, kMostMembers, kMostMembersOfOne});
  if (!parsed) {  // also what is deeper, or has more members, than any file
    return fail(Code::kMalformed, "evidence: " + parsed.error().message);
  }
  if (json::find_string(parsed->value, {"format"}) != kFormat) {
    return malformed("format", quoted);
  }
  if (Status members = check_members(
          "the file", parsed->value,
          {"format", "workflow", "checkpoint", "keys", "key_records", "entries", "missing"});
      !members) {
    return fail(members.error());
  }
  return read_file_members(parsed->value.get_object());
}

std::string print_evidence(const Evidence& evidence) {
  json::Object out{{"format", kFormat},
                   {"workflow", evidence.workflow.text()},
                   {"checkpoint", evidence.checkpoint}};
  out["keys"] = print_keys(evidence.keys);
  out["key_records"] = print_entries(evidence.key_records);
  out["entries"] = print_entries(evidence.entries);
  json::Array missing;
  for (const Uuid& id : evidence.missing) {
    missing.push_back(json::Value(id.text()));
  }
  out["missing"] = std::move(missing);
  return json::print(out) + "\n";
}

}  // namespace pawl::ledger

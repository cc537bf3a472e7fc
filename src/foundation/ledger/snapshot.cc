#include "foundation/ledger/snapshot.h"

#include <boost/json/array.hpp>

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/tiles.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFirstLine = "pawl.snapshot/1\n";
constexpr std::string_view kFamily = "pawl.snapshot/";

json::Object position_json(const Position& at) {
  return {{"segment", at.segment}, {"offset", at.offset}, {"batch", at.batch}, {"size", at.size}};
}

// Reads members; the first one that is missing or of another kind is kept as the error.
class Members {
 public:
  explicit Members(const json::Value& value) : value_(value) {}

  std::uint64_t number(std::initializer_list<std::string_view> path) {
    const json::Value* found = json::find(value_, path);
    if (found != nullptr && found->is_int64() && found->get_int64() >= 0) {
      return static_cast<std::uint64_t>(found->get_int64());
    }
    if (found == nullptr || !found->is_uint64()) {
      bad(path);
      return 0;
    }
    return found->get_uint64();
  }
  std::string text(std::initializer_list<std::string_view> path) {
    const std::optional<std::string_view> found = json::find_string(value_, path);
    return found ? std::string(*found) : (bad(path), std::string());
  }
  const json::Array& array(std::string_view name) {
    static const json::Array kNone;
    const json::Value* found = json::find(value_, {name});
    return found != nullptr && found->is_array() ? found->get_array() : (bad({name}), kNone);
  }
  Position position(std::string_view name) {
    return {number({name, "segment"}), number({name, "offset"}), number({name, "batch"}),
            number({name, "size"})};
  }
  void bad(std::initializer_list<std::string_view> path) {
    if (missing_.empty()) {
      missing_ = *(path.end() - 1);
    }
  }
  const std::string& missing() const { return missing_; }

 private:
  const json::Value& value_;
  std::string missing_;
};

SnapshotFile read_members(Members& members) {
  SnapshotFile snapshot;
  snapshot.fold_version = static_cast<std::uint32_t>(members.number({"fold_version"}));
  snapshot.size = members.number({"size"});
  if (Result<Digest> root = parse_digest(members.text({"root"}))) {
    snapshot.root = *root;
  } else {
    members.bad({"root"});
  }
  snapshot.state = members.text({"state"});
  snapshot.at = members.position("at");
  snapshot.bundle_from = members.position("bundle_from");
  for (const json::Value& level : members.array("upper")) {
    Result<std::string> bytes = level.is_string()
                                    ? base64_decode(std::string_view(level.get_string()))
                                    : Result<std::string>(fail(Code::kMalformed, "not a string"));
    Result<std::vector<Digest>> hashes =
        bytes ? parse_hashes(*bytes) : Result<std::vector<Digest>>(fail(bytes.error()));
    if (!hashes) {
      members.bad({"upper"});
      break;
    }
    snapshot.upper.push_back(std::move(*hashes));
  }
  for (const json::Value& intent : members.array("open_intents")) {
    const std::optional<std::string_view> id = json::find_string(intent, {"id"});
    const std::optional<std::string_view> body = json::find_string(intent, {"body"});
    Result<Uuid> uuid = Uuid::parse(id.value_or(""));
    if (!uuid || !body) {
      members.bad({"open_intents"});
      break;
    }
    snapshot.open_intents.push_back({*uuid, std::string(*body)});
  }
  return snapshot;
}

}  // namespace

Result<std::string> print_snapshot(const SnapshotFile& snapshot, const NoteSigner& signer) {
  json::Array upper;
  for (const std::vector<Digest>& hashes : snapshot.upper) {
    upper.emplace_back(base64_encode(print_hashes(hashes)));
  }
  json::Array intents;
  for (const Intent& intent : snapshot.open_intents) {
    intents.push_back(json::Object{{"id", intent.id.text()}, {"body", intent.body}});
  }
  const json::Object value{{"fold_version", snapshot.fold_version},
                           {"size", snapshot.size},
                           {"root", base64_encode(view(snapshot.root))},
                           {"at", position_json(snapshot.at)},
                           {"bundle_from", position_json(snapshot.bundle_from)},
                           {"upper", std::move(upper)},
                           {"open_intents", std::move(intents)},
                           {"state", snapshot.state}};
  return signer.sign(std::string(kFirstLine) + json::print(value) + "\n");
}

bool is_snapshot(std::string_view text) {
  return text.starts_with(kFamily);
}

Result<SnapshotFile> parse_snapshot(std::string_view text) {
  if (!text.starts_with(kFirstLine)) {
    return is_snapshot(text) ? fail(Code::kUnsupported, "snapshot: an unknown version")
                             : fail(Code::kMalformed, "snapshot: not a snapshot");
  }
  const json::Limits limits{kMaxSnapshotBytes, 8, 10'000'000};
  Result<json::Parsed> parsed = json::parse(text.substr(kFirstLine.size()), limits);
  if (!parsed) {
    return fail_at("snapshot", parsed.error());
  }
  Members members(parsed->value);
  SnapshotFile snapshot = read_members(members);
  if (!members.missing().empty()) {
    return fail(Code::kMalformed, "snapshot: member " + members.missing() + " is not as expected");
  }
  if (snapshot.at.size < snapshot.size || snapshot.bundle_from.batch > snapshot.at.batch ||
      snapshot.bundle_from.segment == 0) {
    return fail(Code::kMalformed, "snapshot: the positions contradict each other");
  }
  return snapshot;
}

Result<SnapshotFile> open_snapshot(std::string_view bytes, const VerifierKey& trusted) {
  if (!bytes.starts_with(kFirstLine)) {
    return parse_snapshot(bytes);  // says what it is instead
  }
  const Result<Note> note = open_note(bytes, trusted);
  return note ? parse_snapshot(note->text) : fail(note.error());
}

}  // namespace pawl::ledger

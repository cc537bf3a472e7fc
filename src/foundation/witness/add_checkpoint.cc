#include "foundation/witness/add_checkpoint.h"

#include <optional>

#include "base/encoding.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/lines.h"

namespace pawl::witness {
namespace {

constexpr std::string_view kOld = "old ";
constexpr std::size_t kMaxProof = 63;

}  // namespace

std::string print_add_checkpoint(const AddCheckpoint& asked) {
  std::string body = std::string(kOld) + std::to_string(asked.old_size) + "\n";
  for (const Digest& hash : asked.proof) {
    body += base64_encode(view(hash)) + "\n";
  }
  return body + "\n" + asked.note;
}

Result<AddCheckpoint> parse_add_checkpoint(std::string_view body) {
  std::optional<std::string_view> line = ledger::take_line(body);
  if (!line || !line->starts_with(kOld)) {
    return fail(Code::kMalformed, "line 1: expected `old SIZE`");
  }
  const Result<std::uint64_t> old_size = ledger::parse_decimal(line->substr(kOld.size()));
  if (!old_size) {
    return fail_at("line 1: the old size", old_size.error());
  }
  AddCheckpoint asked{*old_size, {}, {}};
  for (line = ledger::take_line(body); line && !line->empty(); line = ledger::take_line(body)) {
    if (asked.proof.size() == kMaxProof) {
      return fail(Code::kMalformed, "more than 63 lines of proof");
    }
    const Result<Digest> hash = ledger::parse_digest(*line);
    if (!hash) {
      return fail_at("line " + std::to_string(asked.proof.size() + 2), hash.error());
    }
    asked.proof.push_back(*hash);
  }
  if (!line) {
    return fail(Code::kMalformed, "expected an empty line and the checkpoint behind the proof");
  }
  asked.note = body;
  return asked;
}

}  // namespace pawl::witness

#include "foundation/ledger/tlog_proof.h"

#include <optional>

#include "base/encoding.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/lines.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::size_t kMaxPath = 63;

}  // namespace

std::string print_proof(const TlogProof& proof) {
  std::string text(kFirstLine);
  text += "\n";
  if (!proof.extra.empty()) {
    text += "extra " + base64_encode(proof.extra) + "\n";
  }
  text += "index " + std::to_string(proof.index) + "\n";
  for (const Digest& hash : proof.path) {
    text += base64_encode(view(hash)) + "\n";
  }
  return text + "\n" + proof.checkpoint;
}

Result<TlogProof> parse_proof(std::string_view text) {
  TlogProof proof;
  if (take_line(text) != kFirstLine) {
    return fail(Code::kMalformed, "proof: the first line is not c2sp.org/tlog-proof@v1");
  }
  std::optional<std::string_view> line = take_line(text);
  if (line && line->starts_with("extra ")) {
    Result<std::string> extra = base64_decode(line->substr(6));
    if (!extra) {
      return fail_at("proof: line `extra`", extra.error());
    }
    proof.extra = std::move(*extra);
    line = take_line(text);
  }
  if (!line || !line->starts_with("index ")) {
    return fail(Code::kMalformed, "proof: expected the line `index N`");
  }
  Result<std::uint64_t> index = parse_decimal(line->substr(6));
  if (!index) {
    return fail_at("proof: line `index`", index.error());
  }
  proof.index = *index;
  for (line = take_line(text); line && !line->empty(); line = take_line(text)) {
    Result<Digest> hash = parse_digest(*line);
    if (!hash) {
      return fail_at("proof: hash " + std::to_string(proof.path.size() + 1), hash.error());
    }
    if (proof.path.size() == kMaxPath) {
      return fail(Code::kMalformed, "proof: more than 63 hashes");
    }
    proof.path.push_back(*hash);
  }
  if (!line) {
    return fail(Code::kMalformed, "proof: expected an empty line and the checkpoint");
  }
  proof.checkpoint = text;
  return proof;
}

}  // namespace pawl::ledger

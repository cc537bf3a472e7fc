// Evidence files. Input: a file's text, then an edit of three bytes (support/keys.h) of a good one.
#include "foundation/ledger/evidence.h"

#include "foundation/jose/jws.h"
#include "foundation/ledger/checkpoint.h"
#include "foundation/ledger/evidence_check.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"

namespace pawl::ledger {
namespace {

constexpr std::string_view kWorkflow = "8c1f0d9c-6c1e-8f3a-a1b2-c3d4e5f60718";

std::string token(int number, std::string_view wid, std::string_view pred) {
  return *jose::sign(fuzz::token_key(), "exec+jwt", fuzz::token_key().public_key().thumbprint(),
                     R"({"iss":"spiffe://example.org/pawl/gw1","aud":["a"],"iat":1772064150,)"
                     R"("exp":1772064750,"jti":"019c96f1-2e70-7c4b-9d1a-00000000000)" +
                         std::to_string(number) + R"(",)" + std::string(wid) +
                         R"("exec_act":"tool.call","pred":[)" + std::string(pred) + "]}");
}

Trust keys() {
  const std::string jwk = fuzz::token_key().public_key().to_jwk();
  Trust out;
  out.log_vkey = NoteSigner::make("example.org/log", fuzz::log_key())->vkey();
  out.token_keys = *jose::JwkSet::parse(R"({"keys":[)" + jwk + "]}");
  return out;
}

// Three entries of a log of three: the first, and a call with its cause.
Evidence make_evidence() {
  const std::string wid = R"("wid":")" + std::string(kWorkflow) + R"(",)";
  const std::string tokens[] = {token(0, "", ""), token(1, wid, ""),
                                token(2, wid, R"("019c96f1-2e70-7c4b-9d1a-000000000001")")};
  const Digest left = hash_leaf(tokens[0]), middle = hash_leaf(tokens[1]),
               right = hash_leaf(tokens[2]), pair = hash_children(left, middle);
  Evidence out;
  out.workflow = *Uuid::parse(kWorkflow);
  out.keys = keys();
  out.checkpoint = *NoteSigner::make("example.org/log", fuzz::log_key())
                        ->sign(print_head({"example.org/log", 3, hash_children(pair, right), {}}));
  out.key_records = {{0, tokens[0], {middle, right}}};
  out.entries = {{1, tokens[1], {left, right}}, {2, tokens[2], {pair}}};
  return out;
}

bool says_the_same(const Evidence& a, const Evidence& b) {
  if (a.entries.size() != b.entries.size() || a.missing != b.missing || a.workflow != b.workflow) {
    return false;
  }
  for (std::size_t i = 0; i < a.entries.size(); ++i) {
    if (a.entries[i].index != b.entries[i].index || a.entries[i].token != b.entries[i].token) {
      return false;
    }
  }
  return true;
}

void check_edit(std::string_view edit) {
  static const Evidence good = make_evidence();
  static const std::string text = print_evidence(good);
  static const Trust trust = keys();
  FUZZ_CHECK(check_evidence(*parse_evidence(text), trust).report.verdict == Verdict::kGood,
             "what was made is good");
  const Result<Evidence> other = parse_evidence(fuzz::altered(text, edit));
  if (other && check_evidence(*other, trust).report.verdict == Verdict::kGood) {
    FUZZ_CHECK(says_the_same(good, *other), "no altered file says something else and is good");
  }
}

void check_read(const Evidence& evidence) {
  FUZZ_CHECK(evidence.entries.size() <= kMostEvidenceEntries &&
                 evidence.key_records.size() <= kMostEvidenceKeyRecords &&
                 evidence.missing.size() <= kMostMissingParents,
             "a file is bounded");
  const std::string printed = print_evidence(evidence);
  const Result<Evidence> again = parse_evidence(printed);
  FUZZ_CHECK(again && print_evidence(*again) == printed && says_the_same(evidence, *again),
             "a file reads back");
  FUZZ_CHECK(check_evidence(evidence, std::nullopt).report.verdict != Verdict::kGood,
             "nothing is good without a trust root");
  static const Trust trust = keys();
  FUZZ_CHECK(check_evidence(evidence, trust).report.verdict != Verdict::kGood,
             "nothing is good by keys of its own");
}

}  // namespace
}  // namespace pawl::ledger

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace pawl;
  using namespace pawl::ledger;
  const auto [text, edit] = fuzz::parts<2>(fuzz::view(data, size));
  looks_like_evidence(text);
  if (const Result<Evidence> evidence = parse_evidence(text)) {
    check_read(*evidence);
  }
  check_edit(edit);
  return 0;
}

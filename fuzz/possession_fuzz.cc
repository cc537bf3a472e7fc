// Proofs of possession: DPoP (RFC 9449) and WPT (WIMSE), URLs, workload identifiers, Authorization.
// Input: claims of a proof, then a text that is taken as URL, identifier and fields, then an edit.
#include "base/encoding.h"
#include "foundation/jose/jws.h"
#include "fuzz/support/fuzz.h"
#include "fuzz/support/keys.h"
#include "infrastructure/identity/authorization_field.h"
#include "infrastructure/identity/dpop.h"
#include "infrastructure/identity/structured_field.h"
#include "infrastructure/identity/wimse.h"
#include "infrastructure/identity/workload_id.h"

namespace pawl::identity {
namespace {

constexpr std::int64_t kNow = 1'772'064'150;
constexpr const char* kTarget = "https://gw.example.org/mcp";
constexpr const char* kToken = "access-token";

ProofExpected request() {
  return {.method = "POST", .targets = {kTarget}, .now_s = kNow, .max_age_s = 300, .started_s = 0};
}

std::string proof_of(std::string_view typ, std::string_view claims) {
  const std::string header = R"({"typ":")" + std::string(typ) + R"(","alg":"ES256","jwk":)" +
                             fuzz::token_key().public_key().to_jwk() + "}";
  return jose::sign_under(base64url_encode(header), fuzz::token_key(), claims).value_or("");
}

Judged<ShownProof> as_dpop(std::string_view proof) {
  return check_dpop(proof, {.request = request(),
                            .access_token = kToken,
                            .thumbprint = fuzz::token_key().public_key().thumbprint(),
                            .algorithms = {"ES256"}});
}

Judged<ShownProof> as_wpt(std::string_view proof, const http::Headers& headers) {
  const Wit wit{"spiffe://example.org/web", fuzz::token_key().public_key(), "ES256",
                token_hash("wit")};
  return check_wpt(proof, wit, {.request = request(), .headers = &headers});
}

void check_claims(std::string_view claims, std::string_view edit) {
  const std::string dpop = proof_of("dpop+jwt", claims);
  const std::string wpt = proof_of("wpt+jwt", claims);
  http::Headers headers;
  headers.add("X-User", "u");
  if (const Judged<ShownProof> good = as_dpop(dpop)) {
    const json::Value value = json::parse(claims)->value;
    FUZZ_CHECK(json::find_string(value, {"htm"}) == "POST", "a proof is of this method");
    FUZZ_CHECK(json::find_string(value, {"ath"}) == token_hash(kToken), "and of this token");
    FUZZ_CHECK(is_same_target(*json::find_string(value, {"htu"}), kTarget), "and of this URL");
    FUZZ_CHECK(good->until_s >= kNow && good->until_s <= kNow + 330, "and of this time");
    const std::string other = fuzz::altered(dpop, edit);
    FUZZ_CHECK(other == dpop || !as_dpop(other), "no altered proof holds");
  }
  if (const Judged<ShownProof> good = as_wpt(wpt, headers)) {
    FUZZ_CHECK(good->until_s > kNow && good->until_s <= kNow + 330, "a WPT is of this time");
    const std::string other = fuzz::altered(wpt, edit);
    FUZZ_CHECK(other == wpt || !as_wpt(other, headers), "no altered WPT holds");
    FUZZ_CHECK(!as_dpop(wpt), "a WPT is no DPoP proof");
  }
  (void)as_dpop(claims);
  (void)bound_thumbprint(json::parse(claims).value_or(json::Parsed{}).value);
}

void check_text(std::string_view text) {
  if (const std::optional<std::string> normal = normal_url(text)) {
    FUZZ_CHECK(normal_url(*normal) == normal, "a normal form is its own");
    FUZZ_CHECK(is_same_target(text, *normal), "a URL is the same as its normal form");
    FUZZ_CHECK(normal->find_first_of("?# ") == std::string::npos, "without query and fragment");
    const std::size_t host = normal->find("://") + 3;
    FUZZ_CHECK(normal->find('@') >= normal->find('/', host), "without user");
  }
  if (const std::optional<WorkloadId> id = parse_workload_id(text)) {
    FUZZ_CHECK(
        std::string(id->scheme) + "://" + std::string(id->domain) + std::string(id->path) == text,
        "an identifier is its parts");
    FUZZ_CHECK(is_trust_domain(id->domain) && id->path.size() > 1, "and all are there");
  }
  if (const auto members = parse_sf_dictionary(text)) {
    for (const SfMember& member : *members) {
      const std::string printed = member.print();
      const auto again = parse_sf_dictionary(member.key + "=" + printed);
      FUZZ_CHECK(again && again->size() == 1 && again->front().print() == printed,
                 "a printed member reads back");
    }
  }
  if (const Judged<AuthorizationField> field = parse_authorization(text)) {
    FUZZ_CHECK(is_token68(field->token) && text.ends_with(field->token), "one token at the end");
  }
}

}  // namespace
}  // namespace pawl::identity

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto [claims, text, edit] = pawl::fuzz::parts<3>(pawl::fuzz::view(data, size));
  pawl::identity::check_claims(claims, edit);
  pawl::identity::check_text(text);
  return 0;
}

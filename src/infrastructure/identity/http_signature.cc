#include "infrastructure/identity/http_signature.h"

#include <algorithm>
#include <array>
#include <optional>

#include "infrastructure/identity/content_digest.h"
#include "infrastructure/identity/signature_base.h"
#include "infrastructure/identity/structured_field.h"
#include "path/plugged.h"

namespace pawl::identity {
namespace {

// Signed where they are in the request.
constexpr std::array kSignedFields = {"content-type", "content-digest", "authorization",
                                      "txn-token", "workload-identity-token"};

struct Found {
  SfMember input;
  std::string signature;
};

std::string joined(const http::Headers& headers, std::string_view name) {
  std::string out;
  for (const std::string_view value : headers.get_all(name)) {
    out.append(out.empty() ? "" : ", ").append(value);
  }
  return out;
}

bool has_tag(const SfMember& input) {
  const SfBare* tag = input.parameters.find("tag");
  return tag != nullptr && *tag == SfBare(std::string(kWimseTag));
}

// The one signature of our tag, with its input.
Judged<Found> find_signature(const http::Headers& headers) {
  const auto wrong = [](const char* what) { return refuse(Refusal::kProofMalformed, what); };
  const auto inputs = parse_sf_dictionary(joined(headers, kFieldSignatureInput));
  const auto signatures = parse_sf_dictionary(joined(headers, kFieldSignature));
  if (!inputs || !signatures) {
    return wrong("expected Signature-Input and Signature as dictionaries");
  }
  if (std::count_if(inputs->begin(), inputs->end(), &has_tag) != 1) {
    return refuse(Refusal::kProofMissing, "expected one signature with this tag");
  }
  const SfMember& input = *std::find_if(inputs->begin(), inputs->end(), &has_tag);
  const SfMember* signature = find_member(*signatures, input.key);
  const auto* bytes = signature != nullptr && !signature->is_list
                          ? std::get_if<SfBytes>(&signature->items[0].value)
                          : nullptr;
  if (!input.is_list || bytes == nullptr) {
    return wrong("expected covered components, and a signature under the same label");
  }
  return Found{input, bytes->bytes};
}

Judged<void> check_components(const http::Request& request, const SfMember& input) {
  const Judged<std::vector<std::string>> covered = covered_components(input);
  if (!covered) {
    return tl::unexpected<Finding>(covered.error());
  }
  const auto covers = [&](std::string_view name) {
    return std::find(covered->begin(), covered->end(), name) != covered->end();
  };
  if (!covers("@method") || !(covers("@request-target") || (covers("@path") && covers("@query")))) {
    return refuse(Refusal::kProofComponents,
                  "expected \"@method\", \"@path\" and \"@query\" among what is signed");
  }
  for (const std::string_view name : kSignedFields) {
    if (request.headers.has(name) && !covers(name)) {
      return refuse(Refusal::kProofComponents,
                    "expected \"" + std::string(name) + "\" among what is signed");
    }
  }
  return {};
}

template <class T>
const T* parameter(const SfMember& input, std::string_view name) {
  const SfBare* value = input.parameters.find(name);
  return value != nullptr ? std::get_if<T>(value) : nullptr;
}

Judged<void> check_audience(const SfMember& input, const ProofExpected& expected,
                            const std::vector<std::string>& audiences) {
  const auto* aud = parameter<std::string>(input, "wimse-aud");
  const bool ours =
      aud != nullptr && (std::find(audiences.begin(), audiences.end(), *aud) != audiences.end() ||
                         is_one_of_targets(*aud, expected.targets));
  if (!ours && plugged(ControlId::kProofRequest)) {
    return refuse(Refusal::kProofTarget, "expected wimse-aud " + expected_target(expected.targets));
  }
  return {};
}

// created, expires, nonce; what must not be there; what cannot be done.
Judged<ShownProof> check_parameters(const SfMember& input, const Wit& wit,
                                    const ProofExpected& expected) {
  const auto* created = parameter<std::int64_t>(input, "created");
  const auto* expires = parameter<std::int64_t>(input, "expires");
  const auto* nonce = parameter<std::string>(input, "nonce");
  if (created == nullptr || expires == nullptr || *created > *expires || nonce == nullptr ||
      nonce->empty() || nonce->size() > kMaxProofIdBytes) {
    return refuse(Refusal::kProofMalformed,
                  "expected created, expires and nonce (1 to 256 bytes) of the signature");
  }
  if (input.parameters.find("keyid") != nullptr || input.parameters.find("alg") != nullptr) {
    return refuse(Refusal::kProofMalformed, "expected neither keyid nor alg: the WIT says both");
  }
  if (const auto* sign = input.parameters.find("wimse-sign-response");
      sign != nullptr && *sign != SfBare(false)) {
    return refuse(Refusal::kProofUnsupported, "this gateway signs no responses");
  }
  for (const Judged<void>& good :
       {check_made_at(*created, expected), check_ends_at(*expires, expected)}) {
    if (!good) {
      return tl::unexpected<Finding>(good.error());
    }
  }
  return ShownProof{proof_id(wit.key.thumbprint(), "nonce\n" + *nonce), *expires};
}

}  // namespace

bool has_wimse_signature(const http::Headers& headers) {
  if (!headers.has(kFieldSignatureInput)) {
    return false;
  }
  const auto inputs = parse_sf_dictionary(joined(headers, kFieldSignatureInput));
  return inputs && std::any_of(inputs->begin(), inputs->end(), &has_tag);
}

Judged<ShownProof> check_http_signature(const http::Request& request, const Wit& wit,
                                        const ProofExpected& expected,
                                        const std::vector<std::string>& audiences) {
  const Judged<Found> found = find_signature(request.headers);
  if (!found) {
    return tl::unexpected<Finding>(found.error());
  }
  if (const Judged<void> good = check_components(request, found->input);
      !good && plugged(ControlId::kSignedComponents)) {
    return tl::unexpected<Finding>(good.error());
  }
  const Judged<std::string> base = signature_base(request, found->input);
  if (!base) {
    return tl::unexpected<Finding>(base.error());
  }
  if (wit.key.verify(wit.algorithm, *base, found->signature) != Verdict3::kValid &&
      plugged(ControlId::kProofSignature)) {
    return refuse(Refusal::kProofSignature, "the signature does not verify with the WIT's key");
  }
  if (const Judged<void> good = check_audience(found->input, expected, audiences); !good) {
    return tl::unexpected<Finding>(good.error());
  }
  return check_parameters(found->input, wit, expected);
}

Judged<void> check_signed_content(const http::Request& request) {
  if ((request.body.empty() && !request.headers.has(kFieldContentDigest)) ||
      !plugged(ControlId::kContentDigest)) {
    return {};
  }
  return check_content_digest(request.headers, request.body);
}

}  // namespace pawl::identity

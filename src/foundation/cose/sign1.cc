#include "foundation/cose/sign1.h"

#include <algorithm>
#include <utility>

#include "foundation/crypto/algorithm.h"

namespace pawl::cose {
namespace {

struct Row {
  std::int64_t number;  // RFC 9053
  std::string_view name;
};
constexpr Row kRows[] = {{-7, "ES256"}, {-8, "EdDSA"}, {-35, "ES384"}};

constexpr std::size_t kParts = 4;

tl::unexpected<Error> invalid(std::string message) {
  return fail(Code::kTokenInvalid, "COSE: " + std::move(message));
}

std::string_view name_of(const cbor::Value* alg) {
  const std::int64_t* number = alg == nullptr ? nullptr : alg->get<std::int64_t>();
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows), [number](const Row& one) {
    return number != nullptr && one.number == *number;
  });
  return row == std::end(kRows) ? std::string_view() : row->name;
}

std::optional<std::int64_t> number_of(std::string_view name) {
  for (const Row& row : kRows) {
    if (row.name == name) {
      return row.number;
    }
  }
  return std::nullopt;
}

bool is_envelope(const std::vector<std::uint64_t>& tags) {
  return tags.empty() || tags == std::vector<std::uint64_t>{kTagSign1} ||
         tags == std::vector<std::uint64_t>{kTagCwt, kTagSign1};
}

Status read_protected(const std::string& bytes, cbor::Form form, Sign1& out) {
  if (bytes.empty()) {
    return {};
  }
  Result<cbor::Item> header = cbor::read(bytes, {.form = form});
  const cbor::Map* map = header ? header->value.get<cbor::Map>() : nullptr;
  if (map == nullptr || !header->tags.empty()) {
    return invalid("protected header: " +
                   (header ? std::string("expected a map") : header.error().message));
  }
  out.protected_header = *map;
  out.protected_bytes = map->empty() ? std::string() : bytes;
  return {};
}

// What both headers say: a label once, nothing critical, an algorithm that is known, a kid.
Status read_parameters(Sign1& out) {
  for (const cbor::Member& member : out.unprotected_header) {
    const bool twice =
        std::any_of(out.protected_header.begin(), out.protected_header.end(),
                    [&](const cbor::Member& other) { return other.key == member.key; });
    if (twice) {
      return invalid("a label stands in both headers");
    }
  }
  for (const cbor::Map* header : {&out.protected_header, &out.unprotected_header}) {
    if (cbor::find(*header, kCrit) != nullptr) {
      return invalid("no critical parameter (crit) is understood");
    }
    if (const cbor::Value* kid = cbor::find(*header, kKid)) {
      if (kid->get<cbor::Bytes>() == nullptr) {
        return invalid("kid must be a byte string");
      }
      out.kid = kid->get<cbor::Bytes>()->bytes;
    }
  }
  out.alg = name_of(cbor::find(out.protected_header, kAlg));
  return out.alg.empty() ? Status(invalid("alg must be one of -7 (ES256), -8 (EdDSA), -35 (ES384), "
                                          "in the protected header"))
                         : Status{};
}

Result<std::string> signing_input(std::string_view protected_bytes, std::string_view external_aad,
                                  std::string_view payload) {
  return cbor::write(cbor::Value{cbor::Array{cbor::Value{std::string("Signature1")},
                                             cbor::Value{cbor::Bytes{std::string(protected_bytes)}},
                                             cbor::Value{cbor::Bytes{std::string(external_aad)}},
                                             cbor::Value{cbor::Bytes{std::string(payload)}}}});
}

}  // namespace

Result<Sign1> decode(std::string_view bytes, cbor::Form form, std::size_t max_bytes) {
  Result<cbor::Item> item = cbor::read(bytes, {.form = form, .max_bytes = max_bytes});
  if (!item) {
    return invalid(item.error().message);
  }
  if (!is_envelope(item->tags)) {
    return invalid("expected no tag, 18, or 61 and 18");
  }
  const cbor::Array* parts = item->value.get<cbor::Array>();
  if (parts == nullptr || parts->size() != kParts) {
    return invalid("COSE_Sign1 is an array of four");
  }
  const auto* protected_bytes = (*parts)[0].get<cbor::Bytes>();
  const auto* unprotected_header = (*parts)[1].get<cbor::Map>();
  const auto* payload = (*parts)[2].get<cbor::Bytes>();
  const auto* signature = (*parts)[3].get<cbor::Bytes>();
  const bool is_detached = (*parts)[2].get<cbor::Null>() != nullptr;
  if (protected_bytes == nullptr || unprotected_header == nullptr || signature == nullptr ||
      (payload == nullptr && !is_detached)) {
    return invalid(
        "expected protected (bstr), unprotected (map), payload (bstr or nil), signature");
  }
  if (signature->bytes.empty()) {
    return invalid("the signature is empty");
  }
  Sign1 out;
  out.tags = item->tags;
  out.unprotected_header = *unprotected_header;
  out.signature = signature->bytes;
  if (payload != nullptr) {
    out.payload = payload->bytes;
  }
  if (Status header = read_protected(protected_bytes->bytes, form, out); !header) {
    return fail(header.error());
  }
  if (Status parameters = read_parameters(out); !parameters) {
    return fail(parameters.error());
  }
  return out;
}

Result<std::string> sign(const SigningKey& key, const Draft& draft, std::string_view external_aad) {
  const std::optional<std::int64_t> alg = number_of(default_algorithm(key.kind()));
  if (!alg) {
    return fail(Code::kUnsupported, "COSE: no algorithm for this kind of key");
  }
  cbor::Map header = draft.protected_header;
  header.push_back({cbor::Value{kAlg}, cbor::Value{*alg}});
  if (!draft.kid.empty()) {
    header.push_back({cbor::Value{kKid}, cbor::Value{cbor::Bytes{draft.kid}}});
  }
  const Result<std::string> protected_bytes = cbor::write(cbor::Value{std::move(header)});
  const Result<std::string> input =
      protected_bytes ? signing_input(*protected_bytes, external_aad, draft.payload)
                      : fail(protected_bytes.error());
  Result<std::string> signature = input ? key.sign(*input) : fail(input.error());
  if (!signature) {
    return fail_at("COSE", signature.error());
  }
  cbor::Value payload{cbor::Bytes{draft.payload}};
  if (draft.is_detached) {
    payload = cbor::Value{cbor::Null{}};
  }
  return cbor::write(cbor::Item{
      draft.tags, cbor::Value{cbor::Array{cbor::Value{cbor::Bytes{*protected_bytes}},
                                          cbor::Value{draft.unprotected_header}, std::move(payload),
                                          cbor::Value{cbor::Bytes{*std::move(signature)}}}}});
}

Status verify(const Sign1& message, const PublicKey& key, const std::vector<std::string>& allowed,
              const Beside& beside) {
  if (std::find(allowed.begin(), allowed.end(), message.alg) == allowed.end()) {
    return invalid("alg " + message.alg + " is not allowed here");
  }
  const std::optional<Algorithm> algorithm = parse_algorithm(message.alg);
  if (!algorithm || key_kind_of(*algorithm) != key.kind()) {
    return invalid("alg " + message.alg + " does not fit the key that kid names");
  }
  if (message.payload.has_value() == beside.payload.has_value()) {
    return invalid("the payload stands in the message or beside it, and not in both");
  }
  const Result<std::string> input =
      signing_input(message.protected_bytes, beside.external_aad,
                    message.payload ? std::string_view(*message.payload) : *beside.payload);
  if (!input) {
    return fail(input.error());
  }
  switch (key.verify(message.alg, *input, message.signature)) {
    case Verdict3::kValid:
      return {};
    case Verdict3::kInvalid:
      return fail(Code::kBadSignature, "COSE: the signature is not of this key over this content");
    case Verdict3::kCannotDecide:
      break;
  }
  return fail(Code::kUndecidable, "COSE: the library could not check the signature");
}

}  // namespace pawl::cose

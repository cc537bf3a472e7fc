#include "foundation/sd_jwt/sd_jwt_issue.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "base/encoding.h"
#include "foundation/crypto/sha256.h"
#include "foundation/sd_jwt/json_pointer.h"

namespace pawl::sd_jwt {
namespace {

constexpr std::array kAlwaysVisible = {std::string_view("iss"), std::string_view("aud"),
                                       std::string_view("iat"), std::string_view("nbf"),
                                       std::string_view("exp"), kConfirmation};

tl::unexpected<Error> wrong(std::string_view pointer, std::string_view what) {
  return fail(Code::kInvalidParams, std::string(pointer).append(": ").append(what));
}

// A name that a verifier would take for a digest.
Status check_no_reserved_name(const json::Value& value, std::size_t depth = 1) {
  if (depth > kMaxDepth) {
    return fail(Code::kInvalidParams, "the claims are more than 24 levels deep");
  }
  if (const json::Object* object = value.if_object()) {
    for (const auto& member : *object) {
      if (member.key() == kDigests || member.key() == kElement || member.key() == kHashAlg) {
        return fail(Code::kInvalidParams,
                    "the claims hold \"" + std::string(member.key()) + "\", a name of SD-JWT");
      }
      if (Status below_it = check_no_reserved_name(member.value(), depth + 1); !below_it) {
        return below_it;
      }
    }
  } else if (const json::Array* array = value.if_array()) {
    for (const json::Value& one : *array) {
      if (Status below_it = check_no_reserved_name(one, depth + 1); !below_it) {
        return below_it;
      }
    }
  }
  return {};
}

std::string random_text(Random& random, std::size_t bytes) {
  return base64url_encode(random.bytes(bytes));
}

// The element of an array that a step names.
json::Value* element_at(json::Array& array, const std::string& step) {
  std::size_t index = 0;
  const char* end = step.data() + step.size();
  const auto [stop, error] = std::from_chars(step.data(), end, index);
  const bool is_canonical = !step.empty() && (step == "0" || step.front() != '0');
  return error == std::errc() && stop == end && is_canonical && index < array.size() ? &array[index]
                                                                                     : nullptr;
}

json::Value* step_into(json::Value& value, const std::string& step) {
  if (json::Object* object = value.if_object()) {
    return object->if_contains(step);
  }
  json::Array* array = value.if_array();
  return array != nullptr ? element_at(*array, step) : nullptr;
}

class Concealer {
 public:
  // `decoys`: in each object that has digests.
  Concealer(Random& random, std::size_t decoys) : random_(random), decoys_(decoys) {}

  // Deeper ones come first, so that a disclosure holds the digests of what is within.
  Status conceal(json::Value& root, const std::string& pointer) {
    const Result<std::vector<std::string>> steps = steps_of(pointer);
    if (!steps) {
      return wrong(pointer, steps.error().message);
    }
    if (std::find(kAlwaysVisible.begin(), kAlwaysVisible.end(), steps->front()) !=
        kAlwaysVisible.end()) {
      return wrong(pointer, "stays visible; a verifier needs it first");
    }
    json::Value* holder = &root;
    for (std::size_t i = 0; i + 1 < steps->size() && holder != nullptr; ++i) {
      holder = step_into(*holder, (*steps)[i]);
    }
    json::Value* found = holder != nullptr ? step_into(*holder, steps->back()) : nullptr;
    if (found == nullptr) {
      return wrong(pointer, "there is no such member");
    }
    json::Array parts{random_text(random_, kSaltBytes)};
    if (holder->is_array()) {
      parts.push_back(*found);
      *found = json::Object{{kElement, disclose(parts)}};
    } else {
      json::Object& object = holder->get_object();
      parts.push_back(json::Value(steps->back()));
      parts.push_back(*found);
      object.erase(steps->back());
      add_digest(object, disclose(parts));
    }
    return too_large_ ? wrong(pointer, "is more than a disclosure may hold (32 KiB)") : Status();
  }

  // Digests in an order that says nothing about that of the members (section 4.2.4.1).
  void finish(json::Value& value) {
    if (json::Object* object = value.if_object()) {
      for (auto& member : *object) {
        finish(member.value());
      }
      if (json::Value* digests = object->if_contains(kDigests)) {
        finish_digests(digests->get_array());
      }
    } else if (json::Array* array = value.if_array()) {
      for (json::Value& one : *array) {
        finish(one);
      }
    }
  }

  const std::vector<std::string>& disclosures() const { return disclosures_; }

 private:
  std::string disclose(json::Array& parts) {
    finish(parts.back());
    disclosures_.push_back(base64url_encode(json::print(json::Value(parts))));
    too_large_ = too_large_ || disclosures_.back().size() > kMaxDisclosureBytes;
    return digest_text(sha256(disclosures_.back()));
  }

  static void add_digest(json::Object& object, const std::string& digest) {
    json::Value& digests = object[kDigests];
    if (!digests.is_array()) {
      digests = json::Array{};
    }
    digests.get_array().emplace_back(digest);
  }

  void finish_digests(json::Array& digests) {
    for (std::size_t i = 0; i < decoys_; ++i) {
      digests.emplace_back(digest_text(sha256(random_.bytes(kSaltBytes * 2))));
    }
    std::sort(digests.begin(), digests.end(), [](const json::Value& a, const json::Value& b) {
      return a.get_string() < b.get_string();
    });
  }

  Random& random_;
  const std::size_t decoys_;
  std::vector<std::string> disclosures_;
  bool too_large_ = false;
};

// Deepest first; a pointer twice is a mistake.
Result<std::vector<std::string>> ordered(std::vector<std::string> pointers) {
  const auto depth = [](const std::string& pointer) {
    return std::count(pointer.begin(), pointer.end(), '/');
  };
  std::sort(pointers.begin(), pointers.end(), [&](const std::string& a, const std::string& b) {
    return depth(a) != depth(b) ? depth(a) > depth(b) : a < b;
  });
  const auto twice = std::adjacent_find(pointers.begin(), pointers.end());
  if (twice != pointers.end()) {
    return wrong(*twice, "is named twice");
  }
  return pointers;
}

std::string with_disclosures(const std::string& jwt, const std::vector<std::string>& disclosures) {
  std::string out = jwt + "~";
  for (const std::string& one : disclosures) {
    out.append(one).append(1, '~');
  }
  return out;
}

}  // namespace

Result<std::string> issue(const SigningKey& key, const json::Object& claims, const Draft& draft,
                          Random& random) {
  if (draft.decoys > kMaxDecoys || draft.disclosable.size() > kMaxDisclosures) {
    return fail(Code::kInvalidParams, "at most 64 decoys in an object, and 512 disclosures");
  }
  json::Value payload = json::Object(claims, {});
  if (Status fits = check_no_reserved_name(payload); !fits) {
    return fail(fits.error());
  }
  const Result<std::vector<std::string>> pointers = ordered(draft.disclosable);
  if (!pointers) {
    return fail(pointers.error());
  }
  Concealer concealer(random, draft.decoys);
  for (const std::string& pointer : *pointers) {
    if (Status done = concealer.conceal(payload, pointer); !done) {
      return fail(done.error());
    }
  }
  concealer.finish(payload);
  json::Object& out = payload.get_object();
  if (!pointers->empty()) {
    out[kHashAlg] = kSha256;
  }
  if (!draft.holder_jwk.empty()) {
    out[kConfirmation] = json::Object{{"jwk", draft.holder_jwk}};
  }
  const Result<std::string> jwt = jose::sign(key, draft.typ, draft.kid, json::print(payload));
  if (!jwt) {
    return fail(jwt.error());
  }
  std::string text = with_disclosures(*jwt, concealer.disclosures());
  if (text.size() > kMaxBytes) {
    return fail(Code::kInvalidParams, "the SD-JWT is more than 256 KiB");
  }
  return text;
}

Result<std::string> present(std::string_view issued, const std::vector<std::string>& pointers) {
  const Result<SdJwt> token = parse(issued);
  if (!token) {
    return fail(token.error());
  }
  if (!token->key_binding.empty()) {
    return fail(Code::kInvalidParams, "it is a presentation with a key binding already");
  }
  const Result<Processed> processed = process(*token);
  if (!processed) {
    return fail(processed.error());
  }
  std::vector<bool> chosen(token->disclosures.size());
  for (const std::string& pointer : pointers) {
    const auto found = std::find_if(processed->places.begin(), processed->places.end(),
                                    [&](const Place& place) { return place.pointer == pointer; });
    if (found == processed->places.end()) {
      return wrong(pointer, "is no disclosable member of this token");
    }
    std::optional<std::size_t> at = static_cast<std::size_t>(found - processed->places.begin());
    for (; at; at = processed->places[*at].within) {
      chosen[*at] = true;
    }
  }
  std::vector<std::string> disclosures;
  for (std::size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) {
      disclosures.push_back(token->disclosures[i].encoded);
    }
  }
  return with_disclosures(token->jws.compact, disclosures);
}

Result<std::string> bind(std::string_view presented, const SigningKey& holder,
                         const Request& request, std::int64_t now_s) {
  const Result<SdJwt> token = parse(presented);
  const Result<Processed> processed =
      token ? process(*token) : Result<Processed>(fail(token.error()));
  if (!processed) {
    return fail(processed.error());
  }
  if (!token->key_binding.empty()) {
    return fail(Code::kInvalidParams, "it has a key binding already");
  }
  const Result<PublicKey> named = holder_key(processed->claims);
  if (!named) {
    return fail(named.error());
  }
  if (named->thumbprint() != holder.public_key().thumbprint()) {
    return fail(Code::kInvalidParams, "the key is not the one to which cnf binds the token");
  }
  const json::Object payload{{"iat", now_s},
                             {"aud", request.audience},
                             {"nonce", request.nonce},
                             {"sd_hash", digest_text(sha256(presented))}};
  const Result<std::string> binding = jose::sign(holder, kKeyBindingType, "", json::print(payload));
  if (!binding) {
    return fail(binding.error());
  }
  return std::string(presented) + *binding;
}

}  // namespace pawl::sd_jwt

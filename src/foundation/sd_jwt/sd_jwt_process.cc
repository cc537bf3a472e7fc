#include <functional>
#include <map>
#include <set>
#include <utility>

#include "foundation/sd_jwt/json_pointer.h"
#include "foundation/sd_jwt/sd_jwt.h"
#include "foundation/sd_jwt/sd_jwt_refusal.h"

namespace pawl::sd_jwt {
namespace {

// Puts disclosures in place of their digests, and takes the other digests out.
class Processor {
 public:
  explicit Processor(const SdJwt& token) : token_(token), places_(token.disclosures.size()) {}

  Result<Processed> run() {
    Processed out;
    if (Status fits = index_disclosures(); !fits) {
      return fail(fits.error());
    }
    out.claims = json::Object(token_.jws.payload.get_object(), {});
    if (Status alg = take_hash_algorithm(out.claims); !alg) {
      return fail(alg.error());
    }
    if (Status done = walk_object(out.claims, "", 1, std::nullopt); !done) {
      return fail(done.error());
    }
    for (const auto& [digest, index] : by_digest_) {
      if (!seen_.contains(digest)) {
        return refuse("unreferenced_disclosure",
                      "nothing that the issuer signed refers to the disclosure with digest " +
                          std::string(digest));
      }
    }
    out.places = std::move(places_);
    return out;
  }

 private:
  using Within = std::optional<std::size_t>;

  Status index_disclosures() {
    for (std::size_t i = 0; i < token_.disclosures.size(); ++i) {
      if (!by_digest_.emplace(token_.disclosures[i].digest, i).second) {
        return refuse("duplicate_disclosure", "a disclosure was sent twice");
      }
    }
    return {};
  }

  static Status take_hash_algorithm(json::Object& claims) {
    const json::Value* alg = claims.if_contains(kHashAlg);
    if (alg != nullptr && (!alg->is_string() || alg->get_string() != kSha256)) {
      return refuse("bad_hash_alg", "_sd_alg must be sha-256");
    }
    claims.erase(kHashAlg);
    return {};
  }

  // The disclosure of an embedded digest; nullopt: it is withheld, or a decoy.
  Result<Within> match(const json::Value& digest) {
    if (!digest.is_string()) {
      return refuse("bad_digests", "a digest must be a string");
    }
    const std::string_view text = digest.get_string();
    if (!seen_.emplace(text).second) {
      return refuse("duplicate_digest", "the digest " + std::string(text) + " is there twice");
    }
    if (seen_.size() > kMaxDigests) {
      return refuse("too_many_digests", "an SD-JWT has at most 4096 digests");
    }
    const auto found = by_digest_.find(text);
    return found == by_digest_.end() ? Within() : Within(found->second);
  }

  Status walk(json::Value& value, const std::string& pointer, std::size_t depth, Within within) {
    if (value.is_object()) {
      return walk_object(value.get_object(), pointer, depth, within);
    }
    return value.is_array() ? walk_array(value.get_array(), pointer, depth, within) : Status();
  }

  Status walk_object(json::Object& object, const std::string& pointer, std::size_t depth,
                     Within within) {
    if (depth > kMaxDepth) {
      return refuse("too_deep", "the processed payload is at most 24 levels deep");
    }
    if (object.contains(kElement)) {
      return refuse("bad_digests", "\"...\" stands beside other members, or outside an array");
    }
    for (auto& member : object) {
      const std::string at = below(pointer, member.key());
      if (Status done =
              member.key() == kDigests ? Status() : walk(member.value(), at, depth + 1, within);
          !done) {
        return done;
      }
    }
    return disclose_members(object, pointer, depth, within);
  }

  Status disclose_members(json::Object& object, const std::string& pointer, std::size_t depth,
                          Within within) {
    const json::Value* found = object.if_contains(kDigests);
    if (found == nullptr) {
      return {};
    }
    if (!found->is_array()) {
      return refuse("bad_digests", "_sd must be an array of digests");
    }
    const json::Array digests(found->get_array(), {});
    object.erase(kDigests);
    for (const json::Value& digest : digests) {
      const Result<Within> index = match(digest);
      if (!index) {
        return fail(index.error());
      }
      if (!*index) {
        continue;
      }
      const Disclosure& disclosure = token_.disclosures[**index];
      if (!disclosure.name) {
        return refuse("bad_disclosure", "a member was disclosed without its name");
      }
      if (*disclosure.name == kDigests || *disclosure.name == kElement) {
        return refuse("reserved_name", "no disclosure may name " + *disclosure.name);
      }
      if (object.contains(*disclosure.name)) {
        return refuse("name_taken", "the name " + *disclosure.name + " is there already");
      }
      json::Value value(disclosure.value, {});
      const std::string at = below(pointer, *disclosure.name);
      places_[**index] = {at, within};
      if (Status done = walk(value, at, depth + 1, *index); !done) {
        return done;
      }
      object.emplace(*disclosure.name, std::move(value));
    }
    return {};
  }

  Status walk_array(json::Array& array, const std::string& pointer, std::size_t depth,
                    Within within) {
    if (depth > kMaxDepth) {
      return refuse("too_deep", "the processed payload is at most 24 levels deep");
    }
    json::Array kept;
    for (std::size_t i = 0; i < array.size(); ++i) {
      const std::string at = below(pointer, std::to_string(i));
      const json::Object* element = array[i].if_object();
      if (element == nullptr || element->size() != 1 || !element->contains(kElement)) {
        if (Status done = walk(array[i], at, depth + 1, within); !done) {
          return done;
        }
        kept.push_back(std::move(array[i]));
        continue;
      }
      const Result<Within> index = match(element->at(kElement));
      if (!index) {
        return fail(index.error());
      }
      if (!*index) {
        continue;
      }
      const Disclosure& disclosure = token_.disclosures[**index];
      if (disclosure.name) {
        return refuse("bad_disclosure", "an array element was disclosed with a name");
      }
      json::Value value(disclosure.value, {});
      places_[**index] = {at, within};
      if (Status done = walk(value, at, depth + 1, *index); !done) {
        return done;
      }
      kept.push_back(std::move(value));
    }
    array = std::move(kept);
    return {};
  }

  const SdJwt& token_;
  std::vector<Place> places_;
  std::map<std::string_view, std::size_t> by_digest_;
  std::set<std::string, std::less<>> seen_;
};

}  // namespace

Result<Processed> process(const SdJwt& token) {
  return Processor(token).run();
}

}  // namespace pawl::sd_jwt

#include "foundation/vault/person.h"

#include "base/encoding.h"
#include "base/json.h"
#include "foundation/crypto/sha256.h"
#include "foundation/vault/vault_wire.h"

namespace pawl::vault {
namespace {

constexpr std::string_view kFormat = "pawl.person/1";
constexpr std::size_t kPseudonymBytes = 16;

}  // namespace

Person make_person(std::string name, Random& random) {
  return {std::move(name), random.bytes(kKeyBytes)};
}

std::string pseudonym_of(const Person& person) {
  const Digest mac = hmac_sha256(person.key, std::string(kFormat) + "\n" + person.name);
  return std::string(kPseudonymPrefix) + base64url_encode(view(mac).substr(0, kPseudonymBytes));
}

std::string person_object(std::string_view text) {
  if (!text.starts_with(kPseudonymPrefix)) {
    return "";
  }
  std::string name = std::string(kPersonArea).append(text.substr(kPseudonymPrefix.size()));
  return is_name(name) ? name : "";
}

std::string print_person(const Person& person) {
  return json::print(json::Object{
      {"format", kFormat}, {"name", person.name}, {"key", base64url_encode(person.key)}});
}

Result<Person> read_person(std::string_view content) {
  const Result<json::Parsed> parsed = json::parse(content);
  const auto text = [&](std::string_view member) {
    return parsed ? json::find_string(parsed->value, {member}) : std::nullopt;
  };
  const Result<std::string> key = base64url_decode(text("key").value_or(""));
  if (text("format") != kFormat || !text("name") || !key || key->size() != kKeyBytes) {
    return fail(Code::kMalformed, "is no person of the vault");
  }
  return Person{std::string(*text("name")), *key};
}

}  // namespace pawl::vault

#include "operators/sign_in/provider_people.h"

#include <algorithm>
#include <set>
#include <utility>

#include "foundation/keys/accounts.h"
#include "operators/sign_in/file_node.h"

namespace pawl::sign_in {
namespace {

using file_node::check_members;
using file_node::for_each;
using file_node::malformed;
using file_node::member;
using file_node::Node;
using file_node::text_of;

constexpr std::int64_t kFormat = 1;
constexpr json::Limits kLimits{
    .max_bytes = 16 * 1024 * 1024, .max_depth = 6, .max_members = 1'000'000};

auto at(auto& people, const ProviderIdentity& identity) {
  return std::find_if(people.begin(), people.end(),
                      [&](const ProviderPerson& one) { return one.identity == identity; });
}

Result<ProviderPerson> read_person(const Node& node) {
  if (Status status = check_members(node, {"issuer", "subject", "name", "passkeys"}); !status) {
    return fail(status.error());
  }
  ProviderPerson out;
  out.identity.issuer = text_of(member(node, "issuer")).value_or("");
  out.identity.subject = text_of(member(node, "subject")).value_or("");
  out.name = text_of(member(node, "name")).value_or("");
  if (!is_identity(out.identity)) {
    return malformed(node, "an issuer, and a subject of 1 to 255 printable ASCII characters");
  }
  if (!is_account_name(out.name)) {
    return malformed(member(node, "name"), "a name of printable ASCII without space");
  }
  const Node passkeys = member(node, "passkeys");
  Status status = for_each(passkeys, ProviderPerson::kMostPasskeys, [&](const Node& element) {
    Result<Passkey> passkey = file_node::read_passkey(element);
    return passkey ? (out.passkeys.push_back(*std::move(passkey)), Status())
                   : Status(fail(passkey.error()));
  });
  if (status && out.passkeys.empty()) {
    status = malformed(passkeys, "at least one passkey");
  }
  return status ? Result<ProviderPerson>(std::move(out)) : fail(status.error());
}

std::string print_person(const ProviderPerson& person) {
  json::Array passkeys;
  for (const Passkey& passkey : person.passkeys) {
    passkeys.emplace_back(print_passkey(passkey));
  }
  json::Object out{{"issuer", person.identity.issuer},
                   {"subject", person.identity.subject},
                   {"name", person.name}};
  out["passkeys"] = std::move(passkeys);
  return json::print(out);
}

}  // namespace

Result<ProviderPeople> ProviderPeople::parse(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, kLimits);
  if (!parsed) {
    return fail(Code::kMalformed, parsed.error().message);
  }
  const Node root{&parsed->value, ""};
  if (Status status = check_members(root, {"format", "people"}); !status) {
    return fail(status.error());
  }
  if (*member(root, "format").value != json::Value(kFormat)) {
    return malformed(member(root, "format"), "1");
  }
  ProviderPeople out;
  std::set<std::string> known;
  Status status = for_each(member(root, "people"), kMost, [&](const Node& element) -> Status {
    Result<ProviderPerson> person = read_person(element);
    if (!person) {
      return fail(person.error());
    }
    if (out.find(person->identity) != nullptr) {
      return malformed(element, "a person who does not stand above");
    }
    for (const Passkey& passkey : person->passkeys) {
      if (!known.insert("credential " + passkey.credential).second ||
          !known.insert("key " + passkey.key.thumbprint()).second) {
        return malformed(element, "a passkey that does not stand above");
      }
    }
    out.people.push_back(*std::move(person));
    return {};
  });
  return status ? Result<ProviderPeople>(std::move(out)) : fail(status.error());
}

// The people one a line, so that a person can read and compare the file.
std::string ProviderPeople::print() const {
  std::string text = "{\n  \"format\": " + std::to_string(kFormat) + ",\n  \"people\": [";
  for (const ProviderPerson& person : people) {
    text += (text.ends_with('[') ? "\n    " : ",\n    ") + print_person(person);
  }
  return text + (people.empty() ? "]" : "\n  ]") + "\n}\n";
}

const ProviderPerson* ProviderPeople::find(const ProviderIdentity& identity) const {
  const auto found = at(people, identity);
  return found == people.end() ? nullptr : &*found;
}

Status ProviderPeople::add(const ProviderIdentity& identity, const std::string& name,
                           const Passkey& passkey) {
  if (!is_identity(identity) || !is_account_name(name)) {
    return fail(Code::kInvalidParams, "the provider's name of this person cannot be kept");
  }
  for (const ProviderPerson& person : people) {
    for (const Passkey& known : person.passkeys) {
      if (known.credential == passkey.credential ||
          known.key.thumbprint() == passkey.key.thumbprint()) {
        return fail(Code::kConflict, "this passkey is known already");
      }
    }
  }
  auto found = at(people, identity);
  if (found == people.end() && people.size() >= kMost) {
    return fail(Code::kOverloaded, "at most 1024 people of a provider have passkeys here");
  }
  if (found != people.end() && found->passkeys.size() >= ProviderPerson::kMostPasskeys) {
    return fail(Code::kOverloaded, "a person has at most 8 passkeys");
  }
  if (found == people.end()) {
    found = people.insert(people.end(), {identity, name, {}});
  }
  found->name = name;
  found->passkeys.push_back(passkey);
  return {};
}

Status ProviderPeople::remove(const ProviderIdentity& identity, std::string_view kid) {
  const auto found = at(people, identity);
  if (found == people.end() || std::erase_if(found->passkeys, [&](const Passkey& one) {
                                 return one.key.thumbprint() == kid;
                               }) == 0) {
    return fail(Code::kNotFound, "you have no such passkey");
  }
  if (found->passkeys.empty()) {
    people.erase(found);
  }
  return {};
}

bool ProviderPeople::rename(const ProviderIdentity& identity, const std::string& name) {
  const auto found = at(people, identity);
  if (found == people.end() || found->name == name || !is_account_name(name)) {
    return false;
  }
  found->name = name;
  return true;
}

}  // namespace pawl::sign_in

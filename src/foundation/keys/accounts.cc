#include "foundation/keys/accounts.h"

#include <algorithm>
#include <set>
#include <utility>

#include "base/encoding.h"
#include "base/json.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxName = 256;
constexpr std::int64_t kFormat = 1;
constexpr json::Limits kLimits{
    .max_bytes = 16 * 1024 * 1024, .max_depth = 8, .max_members = 1'000'000};

Status check_name(std::string_view what, std::string_view text) {
  if (!is_account_name(text)) {
    return fail(Code::kInvalidParams,
                std::string(what) +
                    ": expected 1 to 256 printable ASCII characters without space, "
                    "quote or backslash");
  }
  return {};
}

// A value of the file and its JSON Pointer, for messages.
struct Node {
  const json::Value& value;
  std::string at;
};

tl::unexpected<Error> malformed(const Node& node, std::string_view expected) {
  return fail(Code::kMalformed, (node.at.empty() ? "the whole text" : node.at) + ": expected " +
                                    std::string(expected));
}

// An object of exactly these members: an unknown one may mean something that we would ignore.
Status check_members(const Node& node, std::initializer_list<std::string_view> names) {
  const json::Object* object = node.value.if_object();
  bool fits = object != nullptr && object->size() == names.size();
  std::string list;
  for (const std::string_view name : names) {
    fits = fits && object->contains(name);
    list += (list.empty() ? "" : ", ") + std::string(name);
  }
  return fits ? Status() : malformed(node, "an object with exactly the members " + list);
}

Node member(const Node& node, std::string_view name) {
  return {node.value.get_object().at(name), node.at + "/" + std::string(name)};
}

// Calls `read` for each element of an array; the first failure ends it.
template <class Read>
Status for_each(const Node& node, Read read) {
  const json::Array* array = node.value.if_array();
  if (array == nullptr) {
    return malformed(node, "an array");
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    const Node element{(*array)[i], node.at + "/" + std::to_string(i)};
    if (Status status = read(element); !status) {
      return status;
    }
  }
  return {};
}

Result<std::string> text_of(const Node& node) {
  if (!node.value.is_string()) {
    return malformed(node, "a string");
  }
  return std::string(node.value.get_string());
}

// A broken rule of the accounts, found in a file, is a malformed file.
Status at(const Node& node, const Status& status) {
  return status ? status : fail(Code::kMalformed, node.at + ": " + status.error().message);
}

Status read_operator(const Node& node, Accounts& accounts) {
  if (Status status = check_members(node, {"name", "roles", "key"}); !status) {
    return status;
  }
  const Result<std::string> name = text_of(member(node, "name"));
  if (!name) {
    return fail(name.error());
  }
  std::vector<std::string> roles;
  Status status = for_each(member(node, "roles"), [&roles](const Node& element) -> Status {
    Result<std::string> role = text_of(element);
    if (!role) {
      return fail(role.error());
    }
    roles.push_back(std::move(*role));
    return {};
  });
  if (!status) {
    return status;
  }
  const Node jwk = member(node, "key");
  const Result<PublicKey> key = PublicKey::from_jwk(jwk.value);
  if (!key) {
    return fail_at(jwk.at, key.error());
  }
  for (const Operator& known : accounts.operators) {
    if (known.name == *name) {
      return malformed(node, "a name that is not taken above");
    }
  }
  return at(node, accounts.add_operator(*name, *key, std::move(roles)));
}

Result<Digest> read_digest(const Node& node) {
  const Result<std::string> text = text_of(node);
  const Result<std::string> octets = text ? base64url_decode(*text) : text;
  Digest digest{};
  if (!octets || octets->size() != digest.size()) {
    return malformed(node, "a SHA-256 digest (43 characters of base64url)");
  }
  std::copy(octets->begin(), octets->end(), digest.begin());
  return digest;
}

Status read_agent(const Node& node, Accounts& accounts, std::set<Digest>& seen) {
  if (Status status = check_members(node, {"name", "keys"}); !status) {
    return status;
  }
  const Result<std::string> name = text_of(member(node, "name"));
  if (!name || !is_account_name(*name) || accounts.agents.count(*name) != 0) {
    return malformed(node, "an agent's name that is not taken above");
  }
  std::vector<Digest> keys;
  Status status = for_each(member(node, "keys"), [&](const Node& element) -> Status {
    const Result<Digest> key = read_digest(element);
    if (!key) {
      return fail(key.error());
    }
    if (!seen.insert(*key).second) {
      return malformed(element, "a key that does not stand above");
    }
    keys.push_back(*key);
    return {};
  });
  if (status && keys.empty()) {
    return malformed(member(node, "keys"), "at least one key");
  }
  accounts.agents.emplace(*name, std::move(keys));
  return status;
}

// The elements one a line, so that a person can read and compare the file.
std::string lines(const std::vector<std::string>& elements) {
  std::string text = "[";
  for (const std::string& element : elements) {
    text += (text.size() == 1 ? "\n    " : ",\n    ") + element;
  }
  return text + (elements.empty() ? "]" : "\n  ]");
}

std::string list(const std::vector<std::string>& texts) {
  std::string text = "[";
  for (const std::string& one : texts) {
    text += (text.size() == 1 ? "" : ", ") + json::quote(one);
  }
  return text + "]";
}

}  // namespace

bool is_account_name(std::string_view text) {
  return !text.empty() && text.size() <= kMaxName &&
         std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c <= '~' && c != '"' && c != '\\'; });
}

bool has_role(const Operator& person, std::string_view role) {
  return std::find(person.roles.begin(), person.roles.end(), role) != person.roles.end();
}

const Operator* find_operator(std::span<const Operator> operators, std::string_view kid) {
  const auto at = std::find_if(operators.begin(), operators.end(),
                               [kid](const Operator& one) { return one.kid == kid; });
  return at == operators.end() ? nullptr : &*at;
}

Result<Accounts> Accounts::parse(std::string_view text) {
  const Result<json::Parsed> parsed = json::parse(text, kLimits);
  if (!parsed) {
    return fail(Code::kMalformed, parsed.error().message);
  }
  const Node root{parsed->value, ""};
  if (Status status = check_members(root, {"format", "operators", "agents"}); !status) {
    return fail(status.error());
  }
  const Node format = member(root, "format");
  if (format.value != json::Value(kFormat)) {
    return malformed(format, "1");
  }
  Accounts accounts;
  Status status = for_each(member(root, "operators"), [&accounts](const Node& element) {
    return read_operator(element, accounts);
  });
  if (status) {
    std::set<Digest> seen;
    status = for_each(member(root, "agents"),
                      [&](const Node& element) { return read_agent(element, accounts, seen); });
  }
  if (!status) {
    return fail(status.error());
  }
  return accounts;
}

std::string Accounts::print() const {
  std::vector<std::string> people;
  people.reserve(operators.size());
  for (const Operator& one : operators) {
    people.push_back(R"({"name": )" + json::quote(one.name) + R"(, "roles": )" + list(one.roles) +
                     R"(, "key": )" + one.key.to_jwk() + "}");
  }
  std::vector<std::string> programs;
  for (const auto& [name, keys] : agents) {
    std::vector<std::string> digests;
    for (const Digest& key : keys) {
      digests.push_back(digest_text(key));
    }
    programs.push_back(R"({"name": )" + json::quote(name) + R"(, "keys": )" + list(digests) + "}");
  }
  return "{\n  \"format\": " + std::to_string(kFormat) + ",\n  \"operators\": " + lines(people) +
         ",\n  \"agents\": " + lines(programs) + "\n}\n";
}

Status Accounts::add_operator(const std::string& name, const PublicKey& key,
                              std::vector<std::string> roles) {
  if (Status status = check_name("operator's name", name); !status) {
    return status;
  }
  for (const std::string& role : roles) {
    if (Status status = check_name("role", role); !status) {
      return status;
    }
  }
  if (key.kind() != KeyKind::kP256) {
    return fail(Code::kInvalidParams, "an operator's key must be EC on P-256 (ES256)");
  }
  const std::string kid = key.thumbprint();
  for (Operator& known : operators) {
    if (known.name == name && known.kid == kid) {
      known.roles = std::move(roles);
      return {};
    }
    if (known.name == name) {
      return fail(Code::kConflict, "operator " + name + " is enrolled with another key");
    }
    if (known.kid == kid) {
      return fail(Code::kConflict, "this key is enrolled as operator " + known.name);
    }
  }
  operators.push_back({name, key, kid, std::move(roles)});
  return {};
}

Status Accounts::add_agent_key(const std::string& agent, const Digest& key) {
  if (Status status = check_name("agent's name", agent); !status) {
    return status;
  }
  for (const auto& [name, keys] : agents) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) {
      return fail(Code::kConflict, "this key belongs to agent " + name);
    }
  }
  agents[agent].push_back(key);
  return {};
}

Status Accounts::remove_agent(const std::string& agent) {
  if (agents.erase(agent) == 0) {
    return fail(Code::kNotFound, "no agent named " + agent);
  }
  return {};
}

}  // namespace pawl

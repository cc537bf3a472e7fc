#include "operators/sign_in/file_node.h"

#include <limits>

#include "base/encoding.h"

namespace pawl::sign_in {

json::Object print_passkey(const Passkey& passkey) {
  json::Object out{{"credential", passkey.credential}, {"rp", passkey.rp_id}};
  out["key"] = json::parse(passkey.key.to_jwk())->value;  // our own text
  out["counter"] = passkey.counter;
  return out;
}

}  // namespace pawl::sign_in

namespace pawl::sign_in::file_node {

tl::unexpected<Error> malformed(const Node& node, std::string_view expected) {
  return fail(Code::kMalformed, (node.at.empty() ? "the whole text" : node.at) + ": expected " +
                                    std::string(expected));
}

Status check_members(const Node& node, std::initializer_list<std::string_view> needed,
                     std::initializer_list<std::string_view> more) {
  const json::Object* object = node.value->if_object();
  std::size_t known = 0;
  bool fits = object != nullptr;
  std::string list;
  for (const std::string_view name : needed) {
    list += (list.empty() ? "" : ", ") + std::string(name);
    fits = fits && object->contains(name);
    ++known;
  }
  for (const std::string_view name : more) {
    known += fits && object->contains(name) ? 1 : 0;
  }
  return fits && object->size() == known ? Status()
                                         : malformed(node, "an object with exactly " + list);
}

Node member(const Node& node, std::string_view name) {
  return {&node.value->get_object().at(name), node.at + "/" + std::string(name)};
}

bool has(const Node& node, std::string_view name) {
  return node.value->get_object().contains(name);
}

Status for_each(const Node& node, std::size_t most,
                const std::function<Status(const Node&)>& read) {
  const json::Array* array = node.value->if_array();
  if (array == nullptr || array->size() > most) {
    return malformed(node, "an array of at most " + std::to_string(most));
  }
  for (std::size_t i = 0; i < array->size(); ++i) {
    if (Status status = read(Node{&(*array)[i], node.at + "/" + std::to_string(i)}); !status) {
      return status;
    }
  }
  return {};
}

Result<std::string> text_of(const Node& node) {
  return node.value->is_string() ? Result<std::string>(std::string(node.value->get_string()))
                                 : malformed(node, "a string");
}

Result<std::int64_t> number_of(const Node& node, std::int64_t most) {
  const std::int64_t* number = node.value->if_int64();
  return number != nullptr && *number >= 0 && *number <= most
             ? Result<std::int64_t>(*number)
             : malformed(node, "an integer from 0 to " + std::to_string(most));
}

Result<Passkey> read_passkey(const Node& node) {
  if (Status status = check_members(node, {"credential", "rp", "key", "counter"}); !status) {
    return fail(status.error());
  }
  const Result<std::string> credential = text_of(member(node, "credential"));
  const Result<std::string> rp = text_of(member(node, "rp"));
  const Result<PublicKey> key = PublicKey::from_jwk(*member(node, "key").value);
  const Result<std::int64_t> counter =
      number_of(member(node, "counter"), std::numeric_limits<std::uint32_t>::max());
  const Result<std::string> id = credential ? base64url_decode(*credential) : credential;
  if (!id || id->empty() || id->size() > kMaxCredentialId || !rp || rp->empty()) {
    return malformed(node, "a credential in base64url, and its rp");
  }
  if (!key || (key->kind() != KeyKind::kP256 && key->kind() != KeyKind::kEd25519)) {
    return malformed(member(node, "key"), "a public JWK of P-256 or Ed25519");
  }
  return counter ? Result<Passkey>(
                       Passkey{*credential, *rp, *key, static_cast<std::uint32_t>(*counter)})
                 : fail(counter.error());
}

}  // namespace pawl::sign_in::file_node

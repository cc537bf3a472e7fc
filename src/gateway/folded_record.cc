#include "gateway/folded_record.h"

#include <string>

#include "base/encoding.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/record_claims.h"

namespace pawl {
namespace {

Result<json::Parsed> part_of(std::string_view token, std::size_t begin, std::size_t end) {
  if (begin == std::string_view::npos || end == std::string_view::npos) {
    return fail(Code::kMalformed, "not a compact token");
  }
  const Result<std::string> text = base64url_decode(token.substr(begin, end - begin));
  return text ? json::parse(*text) : Result<json::Parsed>(fail(text.error()));
}

Result<json::Parsed> payload_of(std::string_view token) {
  const std::size_t first = token.find('.');
  return part_of(token, first == token.npos ? first : first + 1, token.find('.', first + 1));
}

struct Header {
  std::string encoded, typ, kid;
};

// Many records in a row have one header: it is read when it changes.
const Header& header_of(std::string_view token) {
  thread_local Header last;
  const std::size_t end = token.find('.');
  if (token.substr(0, end) != last.encoded) {
    const Result<json::Parsed> read = part_of(token, 0, end);
    const auto text = [&](std::string_view name) {
      return std::string(read ? json::find_string(read->value, {name}).value_or("") : "");
    };
    last = {std::string(token.substr(0, end)), text("typ"), text("kid")};
  }
  return last;
}

}  // namespace

std::optional<std::int64_t> read_folded(std::uint64_t index, std::string_view token,
                                        const std::function<void(const FoldedRecord&)>& apply) {
  const Result<json::Parsed> payload = payload_of(token);
  if (!payload) {
    return std::nullopt;
  }
  const json::Value& claims = payload->value;
  const Header& header = header_of(token);
  const std::int64_t iat = number_in(claims, names::kClaimIat);
  const auto profile = text_in_extension(header.typ, claims, {names::kExtProfile});
  const auto kind = json::find_string(claims, {names::kClaimExecAct});
  if (profile != names::kProfileUri || !kind) {
    return iat;
  }
  const std::string member = std::string(names::kExtPrefix) + std::string(kinds::area(*kind));
  const json::Value* body = in_extension(header.typ, claims, {member});
  if (body == nullptr) {
    return iat;
  }
  const Result<Uuid> id = Uuid::parse(json::find_string(claims, {names::kClaimJti}).value_or(""));
  apply({index, id ? *id : Uuid{}, *kind, iat, claims, record_parents(header.typ, claims), *body,
         header.typ, header.kid});
  return iat;
}

std::int64_t number_in(const json::Value& object, std::string_view name) {
  const json::Value* number = json::find(object, {name});
  return number != nullptr && number->is_int64() ? number->get_int64() : 0;
}

std::vector<Uuid> ids_in(const json::Value* list) {
  std::vector<Uuid> out;
  if (list == nullptr || !list->is_array()) {
    return out;
  }
  for (const json::Value& item : list->get_array()) {
    const Result<Uuid> id =
        Uuid::parse(item.is_string() ? std::string_view(item.get_string()) : std::string_view{});
    if (id) {
      out.push_back(*id);
    }
  }
  return out;
}

}  // namespace pawl

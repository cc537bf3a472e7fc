#include "infrastructure/store/record_row.h"

#include <algorithm>

#include "foundation/ect/received_token.h"
#include "foundation/jose/jws.h"
#include "foundation/records/kinds.h"
#include "foundation/records/names.h"
#include "foundation/records/outcome.h"
#include "foundation/records/record_claims.h"

namespace pawl::store {
namespace {

constexpr std::size_t kMostParents = 1024;  // more than any token may name

std::string text_at(const json::Value& value, std::string_view name) {
  return std::string(json::find_string(value, {name}).value_or(""));
}

char basis_letter(const json::Value& value) {
  for (const char letter : kBasisLetters) {
    if (value.is_string() && value.get_string() == basis_word(letter)) {
      return letter;
    }
  }
  return '?';
}

// Whatever is no UUID is no parent: the row is an answer to look-ups and judges nothing.
// `places`: where in the list each stood.
std::vector<Uuid> parents_of(const jose::Jws& jws, std::vector<std::size_t>& places) {
  std::vector<Uuid> out;
  const json::Value* list = record_parents(jws.typ, jws.payload);
  if (list == nullptr || !list->is_array()) {
    return out;
  }
  for (std::size_t place = 0; place < list->get_array().size(); ++place) {
    const json::Value& one = list->get_array()[place];
    const Result<Uuid> id =
        one.is_string() ? Uuid::parse(one.get_string()) : fail(Code::kMalformed, "no text");
    if (id && out.size() < kMostParents && std::find(out.begin(), out.end(), *id) == out.end()) {
      out.push_back(*id);
      places.push_back(place);
    }
  }
  return out;
}

// One entry for each of `pred`; a body that did not fit may have lost it.
std::string basis_of(const json::Value& body, const std::vector<std::size_t>& places) {
  const json::Value* list = json::find(body, {"basis"});
  const std::size_t known = list != nullptr && list->is_array() ? list->get_array().size() : 0;
  std::string out;
  for (const std::size_t place : places) {
    out += place < known ? basis_letter(list->get_array()[place]) : '?';
  }
  return out;
}

// Of a request for people: the call that it is about.
void add_asked(RecordRow& row, const json::Value& body) {
  const json::Value* binding = json::find(body, {"binding"});
  if (row.kind != kinds::kApprovalRequested || binding == nullptr) {
    return;
  }
  row.agent = text_at(*binding, "agent");
  row.server = text_at(*binding, "server");
  const bool by_uri = kinds::area(text_at(*binding, "verb")) == kinds::area(kinds::kResourceRead);
  (by_uri ? row.resource : row.tool) = text_at(*binding, "name");
}

void add_received(RecordRow& row, const jose::Jws& jws) {
  const json::Value* ext = record_extension(jws.typ, jws.payload);
  const auto received = ext != nullptr && ext->is_object()
                            ? ect::read_received_token(row.kind, ext->get_object())
                            : std::nullopt;
  if (received) {
    row.token = received->id;
    row.issuer = received->issuer;
    row.payload = received->payload;
    row.token_at = received->iat;
    row.approved = received->approved;
  }
}

}  // namespace

std::string_view basis_word(char letter) {
  constexpr std::string_view kWords[] = {"declared", "traced", "data", "resource", "inferred"};
  const std::size_t at = kBasisLetters.find(letter);
  return at == std::string_view::npos ? "unknown" : kWords[at];
}

Result<RecordRow> read_record_row(std::uint64_t index, std::string_view token) {
  const Result<jose::Jws> jws = jose::decode(std::string(token), token.size() + 1);
  if (!jws) {
    return fail_at("entry " + std::to_string(index), jws.error());
  }
  const json::Value& claims = jws->payload;
  const Result<Uuid> id = Uuid::parse(text_at(claims, names::kClaimJti));
  if (!id) {
    return fail(Code::kMalformed, "entry " + std::to_string(index) + ": its jti is not a UUID");
  }
  RecordRow row;
  row.index = index;
  row.id = *id;
  row.kind = text_at(claims, names::kClaimExecAct);
  row.workflow = text_at(claims, names::kClaimWid);
  if (const json::Value* iat = json::find(claims, {names::kClaimIat});
      iat != nullptr && iat->is_int64()) {
    row.at = iat->get_int64();
  }
  std::vector<std::size_t> places;
  row.parents = parents_of(*jws, places);
  row.basis.assign(places.size(), '?');
  const json::Value* decision = in_extension(jws->typ, claims, {names::kExtPolDecision});
  const std::string_view decided =
      decision != nullptr && decision->is_string() ? decision->get_string() : std::string_view();
  row.approved = decision == nullptr || decided == names::kPolApproved;
  const std::string area = std::string(names::kExtPrefix) + std::string(kinds::area(row.kind));
  const json::Value* body = in_extension(jws->typ, claims, {area});
  const auto profile = text_in_extension(jws->typ, claims, {names::kExtProfile});
  if (body == nullptr || profile != names::kProfileUri) {
    return row;
  }
  row.agent = text_at(*body, "agent");
  row.server = text_at(*body, "server");
  row.tool = text_at(*body, "tool");
  row.resource = text_at(*body, "resource");
  row.basis = basis_of(*body, places);
  row.outcome = shown_outcome(text_at(*body, "outcome"), decided);
  row.verb = text_at(*body, "verb");
  row.partial = json::find(*body, {"graph"}) != nullptr;
  if (const auto level = json::find_string(*body, {names::kBodyLevel})) {
    row.level = ect::parse_level(*level).value_or(ect::Level::kL1);
  }
  if (row.verb.empty() && !row.outcome.empty()) {
    row.verb = row.kind;  // the record of an Action that was forwarded carries its verb
  }
  add_asked(row, *body);
  add_received(row, *jws);
  return row;
}

}  // namespace pawl::store

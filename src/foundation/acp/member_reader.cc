#include "foundation/acp/member_reader.h"

#include <algorithm>

#include "foundation/jose/token_refusal.h"
#include "foundation/schema/decimal.h"

namespace pawl::acp {
namespace {

using jose::refuse;

constexpr std::size_t kMaxDecimalBytes = 40;

const json::Value& nothing() {
  static const json::Value value;
  return value;
}

const json::Array& no_elements() {
  static const json::Array array;
  return array;
}

std::string_view view(const json::Value& value) {
  return {value.get_string().data(), value.get_string().size()};
}

}  // namespace

bool is_plain_text(std::string_view text, std::size_t max_bytes) {
  return !text.empty() && text.size() <= max_bytes &&
         std::none_of(text.begin(), text.end(),
                      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

MemberReader::MemberReader(const json::Value& value, std::string_view where,
                           std::string_view unknown)
    : object_(value.if_object()), where_(where), unknown_(unknown) {
  if (object_ == nullptr) {
    static const json::Object empty;
    object_ = &empty;
    fault("malformed", "", "expected an object");
  }
}

void MemberReader::fault(std::string_view reason, std::string_view name, std::string_view what) {
  fault(Error{Code::kTokenInvalid, std::string(reason) + ": " + std::string(where_) +
                                       (name.empty() ? "" : "." + std::string(name)) + ": " +
                                       std::string(what)});
}

void MemberReader::fault(Error error) {
  if (status_) {
    status_ = fail(std::move(error));
  }
}

bool MemberReader::has(std::string_view name) {
  return object_->contains(name);
}

Status MemberReader::done() {
  for (const auto& member : *object_) {
    const std::string_view name(member.key().data(), member.key().size());
    if (!read_.contains(name)) {
      fault(unknown_, name.substr(0, 64), "is not known here, and could be a limit");
    }
  }
  return status_;
}

const json::Value& MemberReader::value(std::string_view name) {
  read_.emplace(name);
  const json::Value* found = object_->if_contains(name);
  if (found == nullptr) {
    fault("missing_member", name, "is needed");
    return nothing();
  }
  return *found;
}

std::string MemberReader::text(std::string_view name, std::size_t max_bytes) {
  const json::Value& found = value(name);
  if (found.is_string() && is_plain_text(view(found), max_bytes)) {
    return std::string(view(found));
  }
  fault("bad_" + std::string(name), name,
        "expected a text of 1 to " + std::to_string(max_bytes) + " bytes");
  return "";
}

std::int64_t MemberReader::number(std::string_view name, std::int64_t least, std::int64_t most) {
  const json::Value& found = value(name);
  if (found.is_int64() && found.get_int64() >= least && found.get_int64() <= most) {
    return found.get_int64();
  }
  fault("bad_" + std::string(name), name,
        "expected a whole number of " + std::to_string(least) + " to " + std::to_string(most));
  return least;
}

std::string MemberReader::decimal(std::string_view name) {
  const std::string found = text(name, kMaxDecimalBytes);
  if (status_ && !schema::Decimal::from_text(found)) {
    fault("bad_" + std::string(name), name, "expected a decimal number in quotes");
  }
  return found;
}

const json::Array& MemberReader::array(std::string_view name, std::size_t most) {
  const json::Value& found = value(name);
  if (!found.is_array()) {
    fault("bad_" + std::string(name), name, "expected a list");
    return no_elements();
  }
  if (found.get_array().size() > most) {
    fault("too_many", name, "at most " + std::to_string(most));
    return no_elements();
  }
  return found.get_array();
}

std::vector<std::string> MemberReader::texts(std::string_view name, std::size_t most,
                                             std::size_t max_bytes) {
  std::vector<std::string> out;
  for (const json::Value& one : array(name, most)) {
    if (!one.is_string() || !is_plain_text(view(one), max_bytes) ||
        std::find(out.begin(), out.end(), view(one)) != out.end()) {
      fault("bad_" + std::string(name), name, "expected different texts, none of them empty");
      return {};
    }
    out.emplace_back(view(one));
  }
  if (out.empty()) {
    fault("bad_" + std::string(name), name, "expected at least one");
  }
  return out;
}

}  // namespace pawl::acp

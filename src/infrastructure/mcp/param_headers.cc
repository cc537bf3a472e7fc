#include "infrastructure/mcp/param_headers.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <set>

#include "base/encoding.h"

namespace pawl::mcp {
namespace {

constexpr std::string_view kAnnotation = "x-mcp-header";
constexpr std::string_view kBegin = "=?base64?";
constexpr std::string_view kEnd = "?=";

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

std::string lowered(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(), lower);
  return out;
}

bool is_token(std::string_view text) {
  constexpr std::string_view kTchar =
      "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  return !text.empty() && text.find_first_not_of(kTchar) == std::string_view::npos;
}

bool is_sentinel(std::string_view text) {
  return text.size() >= kBegin.size() + kEnd.size() && text.starts_with(kBegin) &&
         text.ends_with(kEnd);
}

bool is_header_char(char c) {
  return c == '\t' || (c >= 0x20 && c <= 0x7e);
}

class Reader {
 public:
  // `reachable`: only `properties` keys lie between the root and here. `annotated`: the schema of a
  // property, whose own annotation was read already.
  Status schema(const json::Value& value, bool reachable, bool annotated) {
    if (value.is_array()) {
      return each(value.get_array());
    }
    if (!value.is_object()) {
      return {};
    }
    for (const auto& member : value.get_object()) {
      Status read;
      if (member.key() == "properties" && member.value().is_object()) {
        read = properties(member.value().get_object(), reachable);
      } else if (member.key() == kAnnotation) {
        read = annotated ? Status() : refuse_place();
      } else if (!is_data(member.key())) {
        read = schema(member.value(), false, false);
      }
      if (!read) {
        return read;
      }
    }
    return {};
  }

  std::vector<ParamHeader> take() { return std::move(found_); }

 private:
  // Members whose values are instances or names, not schemas.
  static bool is_data(std::string_view key) {
    return key == "const" || key == "enum" || key == "default" || key == "examples" ||
           key == "required" || key == "description" || key == "title";
  }

  tl::unexpected<Error> refuse(std::string_view what) const {
    return fail(Code::kInvalidParams, std::string(kAnnotation).append(" ").append(what));
  }

  tl::unexpected<Error> refuse_place() const {
    return refuse("may only annotate a property that is reached through properties");
  }

  Status each(const json::Array& array) {
    for (const json::Value& element : array) {
      if (Status read = schema(element, false, false); !read) {
        return read;
      }
    }
    return {};
  }

  Status properties(const json::Object& object, bool reachable) {
    for (const auto& property : object) {
      path_.emplace_back(property.key());
      Status read = this->property(property.value(), reachable);
      path_.pop_back();
      if (!read) {
        return read;
      }
    }
    return {};
  }

  Status property(const json::Value& value, bool reachable) {
    if (!value.is_object()) {
      return {};
    }
    const json::Object& object = value.get_object();
    if (const json::Value* annotation = object.if_contains(kAnnotation)) {
      if (Status added = add(*annotation, object, reachable); !added) {
        return added;
      }
    }
    return schema(value, reachable, true);
  }

  Status add(const json::Value& annotation, const json::Object& property, bool reachable) {
    if (!reachable) {
      return refuse_place();
    }
    if (!annotation.is_string() || !is_token(annotation.get_string())) {
      return refuse("must be a header name: letters, digits and !#$%&'*+-.^_`|~");
    }
    const json::Value* type = property.if_contains("type");
    if (type == nullptr || !type->is_string() ||
        (type->get_string() != "string" && type->get_string() != "integer" &&
         type->get_string() != "boolean")) {
      return refuse("needs a property of type string, integer or boolean");
    }
    std::string name(annotation.get_string());
    if (!names_.insert(lowered(name)).second) {
      return refuse("'" + name + "' is used twice");
    }
    found_.push_back(ParamHeader{std::move(name), path_});
    return {};
  }

  std::vector<std::string> path_;
  std::set<std::string> names_;
  std::vector<ParamHeader> found_;
};

}  // namespace

Result<std::vector<ParamHeader>> param_headers(const json::Value& input_schema) {
  Reader reader;
  if (Status read = reader.schema(input_schema, true, false); !read) {
    return fail(read.error());
  }
  return reader.take();
}

std::string encode_header_value(std::string_view text) {
  const bool padded = !text.empty() && (text.front() == ' ' || text.front() == '\t' ||
                                        text.back() == ' ' || text.back() == '\t');
  if (!padded && !is_sentinel(text) && std::all_of(text.begin(), text.end(), is_header_char)) {
    return std::string(text);
  }
  return std::string(kBegin).append(base64_encode(text)).append(kEnd);
}

Result<std::string> decode_header_value(std::string_view value) {
  if (!std::all_of(value.begin(), value.end(), is_header_char)) {
    return fail(Code::kHeaderMismatch, "a header holds characters that no header may have");
  }
  if (!is_sentinel(value)) {
    return std::string(value);
  }
  value.remove_prefix(kBegin.size());
  value.remove_suffix(kEnd.size());
  Result<std::string> decoded = base64_decode(value);
  if (!decoded) {
    return fail(Code::kHeaderMismatch, "a header holds invalid base64 between =?base64? and ?=");
  }
  return decoded;
}

}  // namespace pawl::mcp

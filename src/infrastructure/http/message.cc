#include "infrastructure/http/message.h"

#include <algorithm>

namespace pawl::http {

namespace {

// Of a message: one block each for most.
constexpr std::size_t kUsualFields = 12;
constexpr std::size_t kUsualBytes = 480;

char lower(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) {
    return {};
  }
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

}  // namespace

bool same_letters(const char* a, const char* b, std::size_t size) {
  return std::equal(a, a + size, b, [](char x, char y) { return x == y || lower(x) == lower(y); });
}

bool has_list_token(std::string_view value, std::string_view token) {
  while (!value.empty()) {
    const std::size_t comma = std::min(value.find(','), value.size());
    if (equal_ignoring_case(trimmed(value.substr(0, comma)), token)) {
      return true;
    }
    value.remove_prefix(std::min(comma + 1, value.size()));
  }
  return false;
}

Headers::Headers(std::initializer_list<Field> fields) {
  for (const Field& field : fields) {
    add(field.name, field.value);
  }
}

std::optional<std::string_view> Headers::get(std::string_view name) const {
  for (const Place& place : places_) {
    if (equal_ignoring_case(name_at(place), name)) {
      return value_at(place);
    }
  }
  return std::nullopt;
}

std::vector<std::string_view> Headers::get_all(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const Place& place : places_) {
    if (equal_ignoring_case(name_at(place), name)) {
      values.push_back(value_at(place));
    }
  }
  return values;
}

std::size_t Headers::count(std::string_view name) const {
  return static_cast<std::size_t>(
      std::count_if(places_.begin(), places_.end(),
                    [&](const Place& place) { return equal_ignoring_case(name_at(place), name); }));
}

void Headers::add(std::string_view name, std::string_view value) {
  if (places_.empty()) {
    places_.reserve(kUsualFields);
    text_.reserve(kUsualBytes + value.size());
  }
  places_.push_back({text_.size(), name.size(), value.size()});
  // Either may be a view of this text, which moves where it grows.
  if (text_.capacity() - text_.size() < name.size() + value.size()) {
    std::string grown;
    grown.reserve(2 * text_.size() + name.size() + value.size());
    grown.append(text_).append(name).append(value);
    text_ = std::move(grown);
  } else {
    text_.append(name).append(value);
  }
}

void Headers::set(std::string_view name, std::string_view value) {
  remove(name);  // its text stays: both may be views of it
  add(name, value);
}

void Headers::remove(std::string_view name) {
  std::erase_if(places_,
                [&](const Place& place) { return equal_ignoring_case(name_at(place), name); });
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 201:
      return "Created";
    case 202:
      return "Accepted";
    case 204:
      return "No Content";
    case 206:
      return "Partial Content";
    case 301:
      return "Moved Permanently";
    case 302:
      return "Found";
    case 303:
      return "See Other";
    case 304:
      return "Not Modified";
    case 307:
      return "Temporary Redirect";
    case 308:
      return "Permanent Redirect";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 406:
      return "Not Acceptable";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 410:
      return "Gone";
    case 412:
      return "Precondition Failed";
    case 413:
      return "Content Too Large";
    case 415:
      return "Unsupported Media Type";
    case 421:
      return "Misdirected Request";
    case 422:
      return "Unprocessable Content";
    case 428:
      return "Precondition Required";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 502:
      return "Bad Gateway";
    case 503:
      return "Service Unavailable";
    case 504:
      return "Gateway Timeout";
    default:
      return "Status";
  }
}

}  // namespace pawl::http

// HTTP messages as plain values.
//
// Purpose:    what handlers and callers see of HTTP; no parsing, no sockets.
// Threading:  plain values.
// Not errors: a header that is absent (nullopt); the same header several times (get: the first).
//
// Example:
//   if (request.headers.get("Mcp-Session-Id").value_or("") != id) { ... }
//   http::Response answer{200, {{"Content-Type", "application/json"}}, body};
#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "infrastructure/net/unix_credentials.h"

namespace pawl::http {

// One field of a message. Views: of Headers, until their next change.
struct Field {
  std::string_view name;
  std::string_view value;
};

// An ordered multi-map; names compare without regard to ASCII case and keep their spelling. All
// fields share one block of text.
class Headers {
 public:
  class Iterator;

  Headers() = default;
  Headers(std::initializer_list<Field> fields);

  // The first value; views live until the next change.
  std::optional<std::string_view> get(std::string_view name) const;
  std::vector<std::string_view> get_all(std::string_view name) const;
  bool has(std::string_view name) const { return get(name).has_value(); }
  std::size_t count(std::string_view name) const;
  void set(std::string_view name, std::string_view value);  // replaces every field of that name
  void add(std::string_view name, std::string_view value);
  void remove(std::string_view name);

  bool empty() const { return places_.empty(); }
  std::size_t size() const { return places_.size(); }
  Iterator begin() const;
  Iterator end() const;

 private:
  // The value stands right behind the name.
  struct Place {
    std::size_t begin = 0;
    std::size_t name_size = 0;
    std::size_t value_size = 0;
  };
  std::string_view name_at(const Place& place) const {
    return std::string_view(text_).substr(place.begin, place.name_size);
  }
  std::string_view value_at(const Place& place) const {
    return std::string_view(text_).substr(place.begin + place.name_size, place.value_size);
  }

  std::string text_;  // with the text of removed fields
  std::vector<Place> places_;
};

class Headers::Iterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = Field;
  using difference_type = std::ptrdiff_t;
  using pointer = void;
  using reference = Field;

  Iterator(const Headers& headers, std::size_t index) : headers_(&headers), index_(index) {}
  Field operator*() const {
    const Place& place = headers_->places_[index_];
    return {headers_->name_at(place), headers_->value_at(place)};
  }
  Iterator& operator++() {
    ++index_;
    return *this;
  }
  bool operator==(const Iterator&) const = default;

 private:
  const Headers* headers_;
  std::size_t index_;
};

inline Headers::Iterator Headers::begin() const {
  return {*this, 0};
}
inline Headers::Iterator Headers::end() const {
  return {*this, places_.size()};
}

bool same_letters(const char* a, const char* b, std::size_t size);
// ASCII. Most names differ in their size.
inline bool equal_ignoring_case(std::string_view a, std::string_view b) {
  return a.size() == b.size() && same_letters(a.data(), b.data(), a.size());
}
// True when the comma-separated list `value` has `token` (without regard to case): Connection, ...
bool has_list_token(std::string_view value, std::string_view token);

// Who sent a request, as the socket says; nothing here comes from headers.
struct Peer {
  std::string address;     // "192.0.2.1", "2001:db8::1", or "unix"
  std::uint16_t port = 0;  // 0 for a Unix socket
  bool tls = false;
  // PEM, its own first. Set only when the listener's client CA file, or its ClientTrust, took it.
  std::optional<std::string> client_certificate_pem;
  std::vector<std::string> uri_sans;  // URI subject alternative names of it (SPIFFE ids)
  std::optional<UnixCredentials> credentials;
};

struct Request {
  std::string method;  // as sent: methods are case-sensitive
  std::string target;  // as sent
  std::string path;    // of the target, not percent-decoded, starts with '/'; "*" for OPTIONS *
  std::string query;   // after the first '?', without it
  Headers headers;     // values trimmed of white space
  std::string body;    // de-chunked
  Peer peer;
};

// Content-Length, Transfer-Encoding, Connection and Date are written by the server: set here, they
// are ignored.
struct Response {
  int status = 200;
  Headers headers{};
  std::string body{};
};

// "Not Found" for 404; "Status" for an unknown one.
std::string_view reason_phrase(int status);

}  // namespace pawl::http

#include "infrastructure/mcp/names.h"

#include <algorithm>

#include "base/encoding.h"
#include "base/limit_stat.h"
#include "foundation/crypto/sha256.h"

namespace pawl::mcp {
namespace {

constexpr std::size_t kMaxName = 64;
constexpr std::string_view kSeparator = "__";
constexpr std::string_view kMark = "-h";
constexpr std::size_t kDigestChars = 16;
constexpr std::size_t kMaxLiteral = 1024;  // of a template; longer ones route nothing
constexpr std::size_t kTail = kMark.size() + kDigestChars;

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

std::string shortened(std::string_view server, std::string_view name, std::string readable) {
  std::replace_if(
      readable.begin(), readable.end(), [](char c) { return !is_name_char(c); }, '_');
  readable.resize(std::min(readable.size(), kMaxName - kTail));
  const Digest digest = sha256({server, std::string_view("\0", 1), name});
  return readable.append(kMark).append(hex_encode(view(digest).substr(0, kDigestChars / 2)));
}

// The part of a template before its first variable; empty when it is too short to route by.
std::string_view literal_part(std::string_view uri_template) {
  const std::string_view literal = uri_template.substr(0, uri_template.find('{'));
  const bool routes = literal.size() <= kMaxLiteral && literal.find(':') != literal.npos;
  return routes ? literal : std::string_view();
}

tl::unexpected<Error> ambiguous(std::string_view uri, const std::set<std::string>& servers) {
  std::string names;
  for (const std::string& server : servers) {
    names.append(names.empty() ? "" : ", ").append(server);
  }
  return fail(Code::kConflict, std::string("several servers offer ")
                                   .append(uri)
                                   .append(" (")
                                   .append(names)
                                   .append("): read it at /mcp/{server}"));
}

LimitStat names_limit("names");

}  // namespace

bool is_shortened(std::string_view public_name) {
  if (public_name.size() < kTail) {
    return false;
  }
  const std::string_view tail = public_name.substr(public_name.size() - kTail);
  return tail.starts_with(kMark) &&
         tail.substr(kMark.size()).find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string public_name(std::string_view server, std::string_view name) {
  std::string plain = std::string(server).append(kSeparator).append(name);
  const bool fits = !name.empty() && plain.size() <= kMaxName && !is_shortened(plain) &&
                    std::all_of(plain.begin(), plain.end(), is_name_char);
  return fits ? plain : shortened(server, name, std::move(plain));
}

Status NameMap::room() const {
  if (shortened_.size() + uris_.size() + templates_.size() >= max_entries_) {
    names_limit.reached();
    return fail(Code::kTooLarge, "the table of names is full");
  }
  return {};
}

Result<std::string> NameMap::learn(const std::string& server, const std::string& name) {
  std::string result = public_name(server, name);
  if (!is_shortened(result)) {
    return result;
  }
  const MutexLock lock(mutex_);
  const auto known = shortened_.find(result);
  if (known == shortened_.end()) {
    if (Status free = room(); !free) {
      return fail(free.error());
    }
    shortened_.emplace(result, Target{server, name});
  } else if (known->second != Target{server, name}) {
    return fail(Code::kConflict, "two names have the public name " + result);
  }
  return result;
}

Result<Target> NameMap::resolve(std::string_view name) const {
  const std::string_view hint = "; list the tools or prompts to learn the names";
  if (is_shortened(name)) {
    const MutexLock lock(mutex_);
    const auto known = shortened_.find(name);
    if (known == shortened_.end()) {
      return fail(Code::kNotFound, std::string("no such name on /mcp").append(hint));
    }
    return known->second;
  }
  // Server names hold no underscore, so the first separator is the one that we put there.
  const std::size_t at = name.find(kSeparator);
  if (name.size() > kMaxName || at == 0 || at == std::string_view::npos ||
      at + kSeparator.size() == name.size()) {
    return fail(Code::kNotFound,
                std::string("names on /mcp have the form server__name").append(hint));
  }
  return Target{std::string(name.substr(0, at)), std::string(name.substr(at + kSeparator.size()))};
}

Status NameMap::learn_uri(const std::string& server, const std::string& uri) {
  const MutexLock lock(mutex_);
  if (!uris_.contains(uri)) {
    if (Status free = room(); !free) {
      return free;
    }
  }
  uris_[uri].insert(server);
  return {};
}

Status NameMap::learn_template(const std::string& server, const std::string& uri_template) {
  const std::string literal(literal_part(uri_template));
  if (literal.empty()) {
    return {};
  }
  const MutexLock lock(mutex_);
  if (!templates_.contains(literal)) {
    if (Status free = room(); !free) {
      return free;
    }
  }
  templates_[literal].insert(server);
  return {};
}

Result<std::string> NameMap::server_of_uri(const std::string& uri) const {
  const MutexLock lock(mutex_);
  const auto listed = uris_.find(uri);
  if (listed != uris_.end()) {
    return listed->second.size() == 1 ? Result<std::string>(*listed->second.begin())
                                      : Result<std::string>(ambiguous(uri, listed->second));
  }
  std::set<std::string> candidates;
  for (std::size_t length = std::min(uri.size(), kMaxLiteral); length > 0; --length) {
    const auto known = templates_.find(std::string_view(uri).substr(0, length));
    if (known != templates_.end()) {
      candidates.insert(known->second.begin(), known->second.end());
    }
  }
  if (candidates.empty()) {
    return fail(Code::kNotFound, "no server lists " + uri +
                                     "; list the resources first, or read it at /mcp/{server}");
  }
  return candidates.size() == 1 ? Result<std::string>(*candidates.begin())
                                : Result<std::string>(ambiguous(uri, candidates));
}

void NameMap::forget(const std::string& server) {
  const MutexLock lock(mutex_);
  std::erase_if(shortened_, [&](const auto& entry) { return entry.second.server == server; });
  for (auto* table : {&uris_, &templates_}) {
    for (auto& [key, servers] : *table) {
      servers.erase(server);
    }
    std::erase_if(*table, [](const auto& entry) { return entry.second.empty(); });
  }
}

}  // namespace pawl::mcp

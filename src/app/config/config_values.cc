#include "app/config/config_values.h"

#include <algorithm>
#include <charconv>

namespace pawl {
namespace {

constexpr std::size_t kMaxSecretBytes = 64 * 1024;
constexpr std::string_view kVaultPrefix = "vault:";

// A name or an address of version 4; one of version 6 stands in brackets: [::1].
bool is_host(std::string_view host) {
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) {
    return host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdefABCDEF:.%") ==
           std::string_view::npos;
  }
  return !host.empty() && host.find_first_of(":[]/ \t") == std::string_view::npos;
}

std::optional<int> port_of(const std::string& address) {
  const std::size_t colon = address.rfind(':');
  if (colon == std::string::npos || !is_host(std::string_view(address).substr(0, colon))) {
    return std::nullopt;
  }
  int port = -1;
  const char* begin = address.data() + colon + 1;
  const char* end = address.data() + address.size();
  const auto [stop, error] = std::from_chars(begin, end, port);
  const bool good = error == std::errc{} && stop == end && port >= 0 && port <= 65'535;
  return good ? std::optional<int>(port) : std::nullopt;
}

bool all_of(const std::string& text, std::string_view others) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           others.find(c) != std::string_view::npos;
  });
}

}  // namespace

std::string Values::path(const std::string& text) const {
  const std::string plain = text.starts_with("./") ? text.substr(2) : text;
  if (plain.empty() || plain.front() == '/' || directory_.empty()) {
    return text;
  }
  return directory_ + "/" + plain;
}

std::string Values::expanded(YamlMap& at, const std::string& name, const std::string& text) const {
  std::string out;
  std::size_t from = 0;
  for (;;) {
    const std::size_t open = text.find("${", from);
    const std::size_t close = text.find('}', open == std::string::npos ? from : open);
    if (open == std::string::npos || close == std::string::npos) {
      return out + text.substr(from);
    }
    const std::string variable = text.substr(open + 2, close - open - 2);
    if (variable.starts_with(kVaultPrefix)) {
      out += text.substr(from, open - from) +
             secret_of(at, name, variable.substr(kVaultPrefix.size()));
      from = close + 1;
      continue;
    }
    const std::optional<std::string> value = environment_(variable);
    if (!value || value->empty()) {
      at.bad(name, "the environment variable " + variable + " is not set");
    }
    out += text.substr(from, open - from) + value.value_or("");
    from = close + 1;
  }
}

std::string Values::secret_of(YamlMap& at, const std::string& name,
                              const std::string& vault_name) const {
  if (vault_ == nullptr) {
    return kUnsetSecret;
  }
  Result<std::string> secret = vault_->get(vault_name, at.where(name));
  if (!secret) {
    at.bad(name, secret.error().message);
    return "";
  }
  return *std::move(secret);
}

std::string Values::argument(YamlMap& at, const std::string& name, const std::string& text) const {
  if (text.find("${" + std::string(kVaultPrefix)) != std::string::npos) {
    at.bad(name,
           "every user of the machine can read the arguments of a command; expected the secret "
           "in `env` or `headers`");
    return "";
  }
  return expanded(at, name, text);
}

std::string Values::resolved(YamlMap& at, const std::string& name, const std::string& text) const {
  if (text.starts_with(kVaultPrefix)) {
    return secret_of(at, name, text.substr(kVaultPrefix.size()));
  }
  if (!text.starts_with("file:")) {
    return expanded(at, name, text);
  }
  Result<std::string> content = read_file(files_, path(text.substr(5)), kMaxSecretBytes);
  if (!content) {
    at.bad(name, content.error().message);
    return "";
  }
  while (!content->empty() && (content->back() == '\n' || content->back() == '\r')) {
    content->pop_back();
  }
  return *std::move(content);
}

std::string Values::secret(YamlMap& at, const std::string& name) const {
  return resolved(at, name, at.text(name));
}

std::string one_port_up(const std::string& address) {
  const std::optional<int> port = port_of(address);
  if (!port || *port == 0 || *port == 65'535) {
    return address;
  }
  return address.substr(0, address.rfind(':') + 1) + std::to_string(*port + 1);
}

bool is_loopback(const std::string& address) {
  const std::string host = address.substr(0, address.rfind(':'));
  return host == "localhost" || host == "[::1]" || host.starts_with("127.");
}

bool is_address(const std::string& text) {
  return port_of(text).has_value();
}

bool is_server_name(const std::string& text) {
  return text.size() <= 63 && all_of(text, "-");
}

bool is_domain(const std::string& text) {
  return text.size() <= 255 && all_of(text, ".-_");
}

}  // namespace pawl

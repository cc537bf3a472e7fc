#include "infrastructure/identity/signature_base.h"

#include <algorithm>
#include <optional>

namespace pawl::identity {
namespace {

tl::unexpected<Finding> wrong(const std::string& what) {
  return refuse(Refusal::kProofComponents, what);
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; });
  return out;
}

// Without the usual port (2.2.3).
std::string authority(const http::Request& request) {
  std::string host = lower(request.headers.get("Host").value_or(""));
  const std::string_view usual = request.peer.tls ? ":443" : ":80";
  if (host.ends_with(usual)) {
    host.resize(host.size() - usual.size());
  }
  return host;
}

// nullopt: no such derived component.
std::optional<std::string> derived(const http::Request& request, std::string_view name) {
  const bool has_query = request.target.find('?') != std::string::npos;
  if (name == "@method") {
    return request.method;
  }
  if (name == "@path") {
    return request.path.empty() ? "/" : request.path;
  }
  if (name == "@query") {
    return "?" + request.query;
  }
  if (name == "@request-target") {
    return request.target;
  }
  if (name == "@authority") {
    return authority(request);
  }
  if (name == "@scheme") {
    return request.peer.tls ? "https" : "http";
  }
  if (name == "@target-uri") {
    return std::string(request.peer.tls ? "https://" : "http://") + authority(request) +
           request.path + (has_query ? "?" + request.query : "");
  }
  return std::nullopt;
}

// All values of a field in one line (2.1); nullopt: there is none.
std::optional<std::string> field(const http::Headers& headers, std::string_view name) {
  if (!headers.has(name)) {
    return std::nullopt;
  }
  std::string out;
  bool first = true;
  for (const std::string_view value : headers.get_all(name)) {
    out.append(first ? "" : ", ").append(value);
    first = false;
  }
  return out;
}

}  // namespace

Judged<std::vector<std::string>> covered_components(const SfMember& input) {
  std::vector<std::string> names;
  for (const SfItem& item : input.items) {
    const auto* name = std::get_if<std::string>(&item.value);
    if (name == nullptr || lower(*name) != *name || !item.parameters.list.empty()) {
      return wrong("expected component names in lower case, without parameters");
    }
    if (std::find(names.begin(), names.end(), *name) != names.end()) {
      return wrong("a component stands twice");
    }
    names.push_back(*name);
  }
  return names;
}

Judged<std::string> signature_base(const http::Request& request, const SfMember& input) {
  const Judged<std::vector<std::string>> names = covered_components(input);
  if (!names) {
    return tl::unexpected<Finding>(names.error());
  }
  std::string out;
  for (const std::string& name : *names) {
    const std::optional<std::string> value =
        name.starts_with('@') ? derived(request, name) : field(request.headers, name);
    if (!value) {
      return wrong("a component is signed that is not in the request");
    }
    if (value->find_first_of("\r\n") != std::string::npos) {
      return wrong("a component has a line end");
    }
    out += "\"" + name + "\": " + *value + "\n";
  }
  return out + "\"@signature-params\": " + input.print();
}

}  // namespace pawl::identity

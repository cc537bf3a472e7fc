#include "infrastructure/mcp/discover.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <span>

#include "infrastructure/mcp/meta.h"

namespace pawl::mcp {
namespace {

constexpr std::array<std::string_view, 7> kServerMembers = {
    "tools", "prompts", "resources", "completions", "logging", "tasks", "extensions"};
constexpr std::array<std::string_view, 5> kClientMembers = {"roots", "sampling", "elicitation",
                                                            "tasks", "extensions"};
constexpr std::array<std::string_view, 2> kExtensions = {kExtensionTasks,
                                                         "io.modelcontextprotocol/ui"};

// The members of `object` that `allowed` names, in that order, with their bytes.
std::string pick(std::string_view text, json::Span object,
                 std::span<const std::string_view> allowed) {
  std::string out = "{";
  for (std::string_view key : allowed) {
    const std::optional<json::Span> member = json::member(text, object, key);
    if (!member || text[member->begin] != '{') {
      continue;
    }
    out.append(out.size() == 1 ? "" : ",").append(json::quote(key)).append(":");
    out.append(key == "extensions" ? pick(text, *member, kExtensions)
                                   : std::string(member->of(text)));
  }
  out += '}';
  return out;
}

std::string mask(std::string_view capabilities, std::span<const std::string_view> allowed) {
  const Result<json::Parsed> parsed = json::parse(capabilities);
  return parsed && parsed->value.is_object()
             ? pick(capabilities, json::whole(capabilities), allowed)
             : "{}";
}

tl::unexpected<Error> unusable(std::string_view what) {
  return fail(Code::kUpstreamFailed,
              std::string("the server's answer has no usable ").append(what));
}

// The span of result.capabilities, an object.
Result<json::Span> capabilities_of(std::string_view body) {
  const Result<json::Parsed> parsed = json::parse(body);
  const json::Value* found = parsed ? json::find(parsed->value, {"capabilities"}) : nullptr;
  if (found == nullptr || !found->is_object()) {
    return unusable("capabilities");
  }
  return *json::member(body, json::whole(body), "capabilities");
}

Result<std::string> with_masked_capabilities(std::string_view body) {
  const Result<json::Span> span = capabilities_of(body);
  if (!span) {
    return fail(span.error());
  }
  return json::replaced(body, *span, mask_server_capabilities(span->of(body)));
}

// What either has: objects join, flags are true when one is.
void join(json::Value& into, const json::Value& from) {
  if (into.is_object() && from.is_object()) {
    for (const auto& member : from.get_object()) {
      join(into.get_object()[member.key()], member.value());
    }
  } else if (into.is_null() || (into.is_bool() && from.is_bool() && from.get_bool())) {
    into = from;
  }
}

Result<std::string> joined_capabilities(const std::vector<std::string>& results) {
  json::Value all = json::Object();
  for (const std::string& body : results) {
    const Result<json::Span> span = capabilities_of(body);
    if (!span) {
      return fail(span.error());
    }
    const Result<json::Parsed> masked = json::parse(mask_server_capabilities(span->of(body)));
    if (masked) {
      join(all, masked->value);
    }
  }
  return json::print(all);
}

std::string array_of(const std::vector<std::string>& texts) {
  std::string out = "[";
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out.append(i == 0 ? "" : ",").append(json::quote(texts[i]));
  }
  out += ']';
  return out;
}

std::string own_info(std::string_view version) {
  return R"({"name":"pawl","version":)" + json::quote(version) + "}";
}

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

}  // namespace

std::vector<std::string> common_revisions(const std::vector<std::vector<std::string>>& spoken) {
  std::vector<std::string> out;
  for (std::string_view revision : kRevisions) {
    const bool by_all = std::all_of(spoken.begin(), spoken.end(),
                                    [&](const auto& list) { return contains(list, revision); });
    if (!spoken.empty() && by_all) {
      out.emplace_back(revision);
    }
  }
  return out;
}

Result<std::string> initialized_revision(std::string_view body) {
  const Result<json::Parsed> parsed = json::parse(body);
  const auto version =
      parsed ? json::find_string(parsed->value, {"protocolVersion"}) : std::nullopt;
  if (!version) {
    return unusable("protocolVersion");
  }
  if (era_of(*version) != Era::kLegacy) {
    return fail(Code::kUnsupportedVersion,
                std::string("the server chose revision ").append(*version));
  }
  return std::string(*version);
}

Result<std::vector<std::string>> discovered_revisions(std::string_view body) {
  const Result<json::Parsed> parsed = json::parse(body);
  const json::Value* list = parsed ? json::find(parsed->value, {"supportedVersions"}) : nullptr;
  if (list == nullptr || !list->is_array()) {
    return unusable("supportedVersions");
  }
  std::vector<std::string> spoken;
  for (const json::Value& entry : list->get_array()) {
    if (entry.is_string()) {
      spoken.emplace_back(entry.get_string());
    }
  }
  return common_revisions({spoken});
}

std::string mask_server_capabilities(std::string_view capabilities) {
  return mask(capabilities, kServerMembers);
}

std::string mask_client_capabilities(std::string_view capabilities) {
  return mask(capabilities, kClientMembers);
}

Result<std::string> initialize_result(std::string_view upstream_result, std::string_view revision) {
  Result<std::string> out = with_masked_capabilities(upstream_result);
  if (!out) {
    return out;
  }
  return json::with_member(*out, json::whole(*out), "protocolVersion", json::quote(revision));
}

Result<std::string> discover_result(std::string_view upstream_result,
                                    const std::vector<std::string>& offered) {
  Result<std::string> out = with_masked_capabilities(upstream_result);
  if (!out) {
    return out;
  }
  *out = json::with_member(*out, json::whole(*out), "supportedVersions", array_of(offered));
  return json::with_member(*out, json::whole(*out), "cacheScope", R"("private")");
}

bool makes_tasks(std::string_view result) {
  const Result<json::Parsed> parsed = json::parse(result);
  return parsed && json::find(parsed->value,
                              {"capabilities", "tasks", "requests", "tools", "call"}) != nullptr;
}

std::string with_own_tasks(std::string_view result, Era era) {
  const Result<json::Span> span = capabilities_of(result);
  if (!span) {
    return std::string(result);
  }
  const std::string_view member = era == Era::kLegacy ? "tasks" : "extensions";
  const std::string own = era == Era::kLegacy
                              ? std::string(R"({"cancel":{},"requests":{"tools":{"call":{}}}})")
                              : "{" + json::quote(kExtensionTasks) + ":{}}";
  const std::optional<json::Span> there = json::member(result, *span, member);
  if (!there) {
    return json::with_member(result, *span, member, own);
  }
  Result<json::Parsed> all = json::parse(there->of(result));
  const Result<json::Parsed> added = json::parse(own);
  if (!all || !added) {
    return std::string(result);
  }
  join(all->value, added->value);
  return json::replaced(result, *there, json::print(all->value));
}

Result<std::string> combined_initialize(const std::vector<std::string>& results,
                                        std::string_view revision, std::string_view version) {
  Result<std::string> capabilities = joined_capabilities(results);
  if (!capabilities) {
    return capabilities;
  }
  return R"({"protocolVersion":)" + json::quote(revision) + R"(,"capabilities":)" + *capabilities +
         R"(,"serverInfo":)" + own_info(version) + "}";
}

Result<std::string> combined_discover(const std::vector<std::string>& results,
                                      const std::vector<std::string>& offered,
                                      std::string_view version) {
  Result<std::string> capabilities = joined_capabilities(results);
  if (!capabilities) {
    return capabilities;
  }
  return R"({"resultType":"complete","supportedVersions":)" + array_of(offered) +
         R"(,"capabilities":)" + *capabilities + R"(,"ttlMs":0,"cacheScope":"private","_meta":{)" +
         json::quote(kMetaServerInfo) + ":" + own_info(version) + "}}";
}

std::string choose_revision(std::string_view requested, const std::vector<std::string>& offered) {
  const std::vector<std::string> legacy = of_era(offered, Era::kLegacy);
  if (contains(legacy, requested)) {
    return std::string(requested);
  }
  return legacy.empty() ? "" : legacy.front();
}

}  // namespace pawl::mcp

#include "app/api/rules_names.h"

#include <algorithm>

#include "foundation/rules/suggest.h"

namespace pawl {
namespace {

constexpr std::size_t kMaxListed = 8;
constexpr std::string_view kAnything = "some-name/of anything";  // only a pattern for all fits it

std::string listed(const std::set<std::string>& names) {
  std::string out;
  std::size_t count = 0;
  for (const std::string& name : names) {
    if (++count > kMaxListed) {
      return out + ", ...";
    }
    out += (out.empty() ? "" : ", ") + name;
  }
  return out.empty() ? "none" : out;
}

bool any_fits(const rules::AskedName& asked, const std::set<std::string>& names) {
  return asked.fits(kAnything) || std::any_of(names.begin(), names.end(), asked.fits);
}

// Where else a name may come from; empty: from nowhere.
std::string other_source(const rules::AskedName& asked, const Config& config) {
  if (asked.fact == "server") {
    return asked.exact ? "only a server of `pawl wrap --name " + asked.text + "` has that name"
                       : "only a server of `pawl wrap` can fit";
  }
  const auto has_groups = [](const JwtIssuerConfig& issuer) {
    return !issuer.groups_claim.empty();
  };
  if (asked.fact == "group" &&
      std::any_of(config.issuers.begin(), config.issuers.end(), has_groups)) {
    return "only the groups of a JWT can fit";
  }
  return asked.fact == "agent" && asked.text == "dev" ? "only `pawl serve --dev` has it" : "";
}

NameRemark remark(const rules::AskedName& asked, const std::set<std::string>& names,
                  const std::string& elsewhere) {
  const std::vector<std::string_view> words(names.begin(), names.end());
  const std::string near(asked.exact ? rules::nearest_word(asked.text, words) : "");
  NameRemark out;
  out.doubtful = elsewhere.empty() || !near.empty();
  out.text = asked.at.file + ":" + std::to_string(asked.at.line) + ":" +
             std::to_string(asked.at.column) + ": rule " + asked.rule + ": ";
  out.text += asked.exact ? "no " + asked.fact + " named \"" + asked.text + "\" is configured"
                          : "no " + asked.fact + " that is configured fits \"" + asked.text + "\"";
  out.text += elsewhere.empty() ? "" : "; " + elsewhere;
  if (!near.empty()) {
    out.text += "; did you mean \"" + near + "\"?";
  } else if (elsewhere.empty()) {
    out.text += " (configured: " + listed(names) + ")";
  }
  return out;
}

}  // namespace

std::vector<NameRemark> unknown_names(const std::vector<rules::AskedName>& asked,
                                      const KnownNames& known, const Config& config) {
  std::vector<NameRemark> out;
  for (const rules::AskedName& name : asked) {
    const std::set<std::string>& names = name.fact == "agent"   ? known.agents
                                         : name.fact == "group" ? known.groups
                                                                : known.servers;
    if (!any_fits(name, names)) {
      out.push_back(remark(name, names, other_source(name, config)));
    }
  }
  return out;
}

}  // namespace pawl

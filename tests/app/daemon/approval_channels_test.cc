#include "app/daemon/approval_channels.h"

#include <gtest/gtest.h>

#include <functional>

#include "app/daemon/account_store.h"
#include "tests/support/fault_files.h"

namespace pawl {
namespace {

constexpr std::int64_t kNow = 1'795'464'000;
constexpr const char* kHold = "rules:\n  - { id: ask, when: { agent: '**' }, then: hold, reason: r";
constexpr const char* kAllow =
    "rules:\n  - { id: all, when: { agent: '**' }, then: allow, reason: r }\n";

TEST(ApprovalChannels, NobodyIsToldWhereCallsCanWaitAndThereIsNoWayToPeople) {
  const struct {
    const char* name;
    std::string rules;
    std::function<void(Config&)> change;
    bool nobody;
  } cases[] = {
      {"a hold and no channel", std::string(kHold) + " }\n", nullptr, true},
      {"no hold", kAllow, nullptr, false},
      {"a hold that only observes", std::string(kHold) + ", mode: observe }\n", nullptr, false},
      {"a hold that is over", std::string(kHold) + ", expires: 2020-01-01T00:00:00Z }\n", nullptr,
       false},
      {"policy tokens have gates", kAllow,
       [](Config& config) { config.policy_tokens.required = {"all"}; }, true},
      {"everything only observes", std::string(kHold) + " }\n",
       [](Config& config) { config.observe = true; }, false},
      {"a webhook", std::string(kHold) + " }\n",
       [](Config& config) {
         config.approval.webhooks = {{"https://hook.example", "k"}};
       },
       false},
      {"sign-in without an account", std::string(kHold) + " }\n",
       [](Config& config) { config.sign_in = SignInConfig{}; }, true},
      {"sign-in by a provider", std::string(kHold) + " }\n",
       [](Config& config) {
         config.sign_in = SignInConfig{};
         config.sign_in->oidc = OidcConfig{};
       },
       false},
  };
  for (const auto& one : cases) {
    FaultFiles files;
    Config config = default_config("data");
    if (one.change) {
      one.change(config);
    }
    const auto rules = rules::RuleSet::load({{"rules.yaml", one.rules}});
    ASSERT_TRUE(rules.has_value()) << one.name << rules.error().message;
    EXPECT_EQ(!nobody_told(config, **rules, files, kNow).empty(), one.nobody) << one.name;
  }
}

}  // namespace
}  // namespace pawl

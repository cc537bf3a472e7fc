#include "infrastructure/mcp/request_state.h"

#include <gtest/gtest.h>

namespace pawl::mcp {
namespace {

class CountingRandom : public Random {
 public:
  std::string bytes(std::size_t count) override {
    std::string out(count, '\0');
    for (char& c : out) {
      c = static_cast<char>(next_++);
    }
    return out;
  }

 private:
  unsigned next_ = 1;
};

const std::string kKey(32, 'k');
const Uuid kEpoch = Uuid::v8(std::string(16, 'e'));
const Uuid kRecord = Uuid::v8(std::string(16, 'r'));
constexpr WallTime kNow{1'700'000'000'000'000};
const StateBinding kBinding = {"triage", "files", "tools/call", "write", "digest"};

TEST(RequestStateTest, CarriesTheUpstreamsState) {
  CountingRandom random;
  const RequestStates states(kKey, kEpoch, random);
  for (const std::optional<std::string>& upstream :
       {std::optional<std::string>("opaque \" \xc3\xa9"), std::optional<std::string>(""),
        std::optional<std::string>()}) {
    const Result<std::string> text = states.seal(kBinding, upstream, kRecord, kNow);
    ASSERT_TRUE(text);
    EXPECT_EQ(text->find("opaque"), std::string::npos);
    const Result<OpenedState> opened = states.open(kBinding, *text, kNow);
    ASSERT_TRUE(opened) << opened.error().message;
    EXPECT_EQ(opened->upstream, upstream);
    EXPECT_EQ(opened->record, kRecord);
    EXPECT_EQ(opened->expires.us, kNow.us + RequestStates::kDefaultLifeUs);
  }
  const std::string huge(RequestStates::kMaxUpstreamBytes + 1, 'x');
  EXPECT_EQ(states.seal(kBinding, huge, kRecord, kNow).error().code, Code::kTooLarge);
}

TEST(RequestStateTest, RefusesWhatIsNotForThisCall) {
  CountingRandom random;
  const RequestStates states(kKey, kEpoch, random);
  const std::string text = *states.seal(kBinding, "up", kRecord, kNow);
  const auto other = [](auto change) {
    StateBinding binding = kBinding;
    change(binding);
    return binding;
  };
  std::string flipped = text;
  flipped[flipped.size() / 2] = flipped[flipped.size() / 2] == 'A' ? 'B' : 'A';
  const WallTime late{kNow.us + RequestStates::kDefaultLifeUs};
  const struct {
    const char* name;
    StateBinding binding;
    std::string text;
    WallTime now;
    const char* reason;
  } cases[] = {
      {"empty", kBinding, "", kNow, "not issued"},
      {"not base64url", kBinding, "***", kNow, "not issued"},
      {"made up", kBinding, std::string(200, 'A'), kNow, "not issued"},
      {"huge", kBinding, std::string(2'000'000, 'A'), kNow, "not issued"},
      {"changed", kBinding, flipped, kNow, "not issued"},
      {"cut", kBinding, text.substr(0, text.size() - 4), kNow, "not issued"},
      {"another caller", other([](auto& b) { b.agent = "mallory"; }), text, kNow, "another caller"},
      {"another server", other([](auto& b) { b.server = "mail"; }), text, kNow, "another server"},
      {"another method", other([](auto& b) { b.method = "prompts/get"; }), text, kNow,
       "another method"},
      {"another tool", other([](auto& b) { b.name = "delete"; }), text, kNow, "another tool"},
      {"other parameters", other([](auto& b) { b.params_digest = "x"; }), text, kNow,
       "other parameters"},
      {"expired", kBinding, text, late, "expired"},
  };
  for (const auto& c : cases) {
    SCOPED_TRACE(c.name);
    const Result<OpenedState> opened = states.open(c.binding, c.text, c.now);
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Code::kInvalidParams);
    EXPECT_NE(opened.error().message.find(c.reason), std::string::npos) << opened.error().message;
  }
  const RequestStates restarted(kKey, Uuid::v8(std::string(16, 'f')), random);
  EXPECT_FALSE(restarted.open(kBinding, text, kNow)) << "another epoch";
  const RequestStates rekeyed(std::string(32, 'x'), kEpoch, random);
  EXPECT_FALSE(rekeyed.open(kBinding, text, kNow)) << "another key";
}

TEST(RequestStateTest, IsUsedOnce) {
  RequestStateLedger ledger(2);
  const auto id = [](char c) { return Uuid::v8(std::string(16, c)); };
  const WallTime soon{kNow.us + 10};
  const WallTime later{kNow.us + 100};
  EXPECT_TRUE(ledger.redeem(id('a'), soon, kNow));
  EXPECT_EQ(ledger.redeem(id('a'), soon, kNow).error().code, Code::kInvalidParams);
  EXPECT_TRUE(ledger.redeem(id('b'), later, kNow));
  EXPECT_EQ(ledger.redeem(id('c'), later, kNow).error().code, Code::kOverloaded) << "full";
  EXPECT_TRUE(ledger.redeem(id('c'), later, soon)) << "room again after an expiry";
  EXPECT_EQ(ledger.redeem(id('a'), soon, soon).error().code, Code::kInvalidParams)
      << "forgotten only when it cannot be used any more";
  EXPECT_EQ(ledger.used(), 2u);
}

jsonrpc::Message call(const std::string& params) {
  return *jsonrpc::decode(jsonrpc::request("1", "tools/call", params));
}

TEST(RequestStateTest, DigestsWhatTheCallIs) {
  const std::string first = params_digest(call(R"({"name":"t","arguments":{"a":1,"b":2}})"));
  EXPECT_EQ(first,
            params_digest(call(R"({"requestState":"s","inputResponses":{"x":{}},"_meta":{"k":1},)"
                               R"( "arguments": {"b":2, "a":1}, "name":"t"})")));
  EXPECT_NE(first, params_digest(call(R"({"name":"t","arguments":{"a":1,"b":3}})")));
  EXPECT_NE(first, params_digest(call(R"({"name":"t","arguments":{"a":1,"b":2},"task":{}})")));
}

TEST(RequestStateTest, SwapsTheState) {
  const jsonrpc::Message message = call(R"({"name":"t", "requestState":"ours"})");
  EXPECT_EQ(**request_state_of(message), "ours");
  EXPECT_EQ(with_upstream_state(message, "th\"eirs")->params_text(),
            R"({"name":"t", "requestState":"th\"eirs"})");
  const auto without = with_upstream_state(message, std::nullopt);
  ASSERT_TRUE(without);
  EXPECT_FALSE(*request_state_of(*without));
  EXPECT_EQ(without->params_text().find("requestState"), std::string_view::npos);
  EXPECT_FALSE(*request_state_of(call(R"({"name":"t"})")));
  EXPECT_EQ(request_state_of(call(R"({"requestState":1})")).error().code, Code::kInvalidParams);
}

}  // namespace
}  // namespace pawl::mcp

#include "operators/approval/binding.h"

#include <gtest/gtest.h>

#include <set>

#include "tests/operators/approval/held_call.h"

namespace pawl::approval {
namespace {

TEST(Binding, DiffersWhereverTheCallDiffers) {
  // Each is another call; numbers are compared by their text, not by their value as a double.
  const std::string_view params[] = {
      R"({"name":"deploy"})",
      R"({"name":"deploy","arguments":null})",
      R"({"name":"deploy","arguments":{}})",
      R"({"name":"deploy","arguments":{ }})",
      R"({"name":"deploy","arguments":{"n":9007199254740992}})",
      R"({"name":"deploy","arguments":{"n":9007199254740993}})",
      R"({"name":"deploy","arguments":{"n":9007199254740993.0}})",
      "",
  };
  std::set<std::string> digests;
  for (const std::string_view text : params) {
    digests.insert(binding_digest(call_of(text)));
  }
  EXPECT_EQ(digests.size(), std::size(params));
  Binding with_workflow = call_of(params[0]);
  with_workflow.workflow = Uuid{};
  EXPECT_FALSE(digests.contains(binding_digest(with_workflow)));
  // A member's end is not the next one's beginning.
  Binding a = call_of();
  Binding b = call_of();
  a.server = "files\",\"verb\":\"x";
  b.verb = "x";
  EXPECT_NE(binding_digest(a), binding_digest(b));
}

TEST(Binding, ThatCannotBePrintedAsItIsIsRefused) {
  const struct {
    const char* name;
    void (*change)(Binding&);
  } cases[] = {
      {"no agent", [](Binding& b) { b.agent.clear(); }},
      {"no server", [](Binding& b) { b.server.clear(); }},
      {"no verb", [](Binding& b) { b.verb.clear(); }},
      {"no rules", [](Binding& b) { b.policy.clear(); }},
      {"no digest", [](Binding& b) { b.digest.clear(); }},
      {"any digest", [](Binding& b) { b.digest = "*"; }},
      {"another spelling of a digest", [](Binding& b) { b.digest.back() = 'B'; }},
      {"no UTF-8", [](Binding& b) { b.name = "\xff"; }},
      {"a long name", [](Binding& b) { b.name = std::string(2049, 'x'); }},
      {"a name that is long when it is quoted", [](Binding& b) { b.name = std::string(2000, 1); }},
  };
  EXPECT_TRUE(check_binding(call_of()));
  for (const auto& c : cases) {
    Binding binding = call_of();
    c.change(binding);
    const Status status = check_binding(binding);
    EXPECT_TRUE(!status && status.error().code == Code::kInvalidParams) << c.name;
    ApprovalState state;
    EXPECT_EQ(run(state, request_of(1, {{"approver"}, 1, 1, 900, {}}, binding)),
              Code::kInvalidParams)
        << c.name;
  }
}

TEST(Binding, IsReadAsItWasPrinted) {
  Binding binding = call_of();
  binding.workflow = id_of(5);
  const Result<Binding> read = read_binding(json::Value(print_binding(binding)));
  ASSERT_TRUE(read);
  EXPECT_EQ(*read, binding);
  json::Object more = print_binding(binding);
  more["uses"] = 2;
  EXPECT_FALSE(read_binding(json::Value(more)));
  json::Object less = print_binding(binding);
  less.erase("on_behalf_of");
  EXPECT_FALSE(read_binding(json::Value(less)));
}

}  // namespace
}  // namespace pawl::approval

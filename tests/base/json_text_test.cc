#include "base/json_text.h"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

namespace pawl::json {
namespace {

TEST(ObjectText, WritesWhatATreeWouldPrint) {
  const Uuid id = Uuid::parse("01890a5d-ac96-774b-bcce-b302099a8057").value();
  const Object nested{{"list", {1, "two", nullptr}}, {"flag", false}};
  ObjectText out;
  out.text("text", "a \"quoted\" line\n");
  out.id("id", id);
  out.flag("yes", true);
  out.flag("no", false);
  out.number("least", std::numeric_limits<std::int64_t>::min());
  out.number("most", std::numeric_limits<std::int64_t>::max());
  out.list("none", std::vector<std::string>{}, append_quoted);
  out.list("one", std::vector<std::string>{"\\"}, append_quoted);
  out.list("ids", std::vector<Uuid>{id, Uuid{}}, append_id);
  out.raw("raw", "[1]");
  out.members(nested);

  Object tree;
  tree["text"] = "a \"quoted\" line\n";
  tree["id"] = id.text();
  tree["yes"] = true;
  tree["no"] = false;
  tree["least"] = std::numeric_limits<std::int64_t>::min();
  tree["most"] = std::numeric_limits<std::int64_t>::max();
  tree["none"] = Array{};
  tree["one"] = Array{"\\"};
  tree["ids"] = Array{id.text(), Uuid{}.text()};
  tree["raw"] = Array{1};
  tree["list"] = nested.at("list");
  tree["flag"] = false;
  EXPECT_EQ(out.take(), print(tree));
  EXPECT_EQ(ObjectText().take(), "{}");
}

}  // namespace
}  // namespace pawl::json

#include "app/commands/id_part.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace pawl {
namespace {

Uuid id_of(const std::string& text) {
  return *Uuid::parse(text);
}
const Uuid kOne = id_of("019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11");
const Uuid kTwo = id_of("019ab1c2-7d11-7000-8000-0123456789ab");

TEST(IdPart, FitsABeginningOrAnEnd) {
  const std::tuple<const char*, bool, bool> cases[] = {
      {"019ab1c2", true, true},
      {"019AB1C2-7D10", true, false},
      {"019ab1c27d11", false, true},
      {"8c1d0e11", true, false},
      {"9a54-2f6b8c1d0e11", true, false},
      {"456789AB", false, true},
      {"7d10-7c3e", false, false},  // of the middle
      {"019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11", true, false},
  };
  for (const auto& [name, one, two] : cases) {
    const Result<IdPart> part = IdPart::parse(name);
    ASSERT_TRUE(part) << name;
    EXPECT_EQ(part->fits(kOne), one) << name;
    EXPECT_EQ(part->fits(kTwo), two) << name;
  }
}

TEST(IdPart, RefusesWhatIsTooShortOrOfNoId) {
  for (const char* name : {"", "8c1d0e1", "--------", "8c1d-0e-1", "workflow", "019ab1cz",
                           "8c1d0e1%", "019ab1c2-7d10-7c3e-9a54-2f6b8c1d0e11f"}) {
    const Result<IdPart> part = IdPart::parse(name);
    ASSERT_FALSE(part) << name;
    EXPECT_EQ(part.error().code, Code::kInvalidParams) << name;
    EXPECT_NE(part.error().message.find("at least 8 characters of its beginning or end"),
              std::string::npos);
  }
}

TEST(IdPart, IsOfOneIdOnly) {
  const IdPart end = *IdPart::parse("8c1d0e11");
  EXPECT_EQ(only_id(end, "approval", {kTwo, kOne, kOne}).value(), kOne) << "the same one twice";
  EXPECT_EQ(only_id(end, "approval", {kTwo}).error().code, Code::kNotFound);

  const auto both = only_id(*IdPart::parse("019ab1c2"), "approval", {kTwo, kOne});
  ASSERT_FALSE(both);
  EXPECT_EQ(both.error().code, Code::kInvalidParams);
  EXPECT_NE(both.error().message.find(kOne.text() + ", " + kTwo.text() + "; write more of it"),
            std::string::npos)
      << both.error().message;
}

TEST(IdPart, AnErrorListsAtMostFive) {
  std::vector<Uuid> ids;
  for (char c = '0'; c < '7'; ++c) {
    ids.push_back(id_of(std::string("019ab1c2-7d11-7000-8000-00000000000") + c));
  }
  const auto found = only_id(*IdPart::parse("019ab1c2"), "record", ids);
  ASSERT_FALSE(found);
  const std::string& why = found.error().message;
  EXPECT_NE(why.find(ids[4].text() + ", ...; write more"), std::string::npos) << why;
  EXPECT_EQ(why.find(ids[5].text()), std::string::npos) << why;
}

}  // namespace
}  // namespace pawl

#include <gtest/gtest.h>

#include "tests/foundation/ect/sample_claims.h"

namespace pawl::ect {
namespace {

std::string reason(const Status& status) {
  return status ? "" : status.error().message.substr(0, status.error().message.find(':'));
}

Parent parent(std::uint8_t number, std::vector<Uuid> pred = {}, bool recorded = false) {
  Parent made{.claims = sample_claims(), .recorded = recorded};
  made.claims.jti = sample_id(number);
  made.claims.pred = std::move(pred);
  return made;
}

Parent at_time(Parent made, std::int64_t offset) {
  made.claims.iat += offset;
  return made;
}

Parent of_workflow(Parent made, std::uint8_t workflow) {
  made.claims.wid = sample_id(workflow);
  return made;
}

// The child is number 1, of workflow 200.
TEST(EctParents, TheRulesOfTheGraph) {
  struct Case {
    const char* name;
    std::vector<Uuid> pred;
    std::vector<Parent> at_hand;
    bool other_workflow;
    const char* expect;
  };
  const Uuid one = sample_id(1), two = sample_id(2), three = sample_id(3);
  const Case cases[] = {
      {"a root", {}, {}, false, ""},
      {"a chain", {two}, {parent(2, {three}), parent(3)}, false, ""},
      {"a join", {two, three}, {parent(2), parent(3)}, false, ""},
      {"a diamond",
       {two, three},
       {parent(2, {sample_id(4)}), parent(3, {sample_id(4)}), parent(4)},
       false,
       ""},
      {"the same token is already there", {two}, {parent(1), parent(2)}, false, "duplicate_task"},
      {"its own parent", {one}, {}, false, "cycle"},
      {"its own grandparent", {two}, {parent(2, {one})}, false, "cycle"},
      {"a ring above it", {two}, {parent(2, {three}), parent(3, {two})}, false, ""},
      {"a recorded parent is not walked", {two}, {parent(2, {one}, true)}, false, ""},
      {"the recorded form wins over a copy",
       {two},
       {parent(2, {one}), parent(2, {}, true)},
       false,
       ""},
      {"a parent 30 s younger", {two}, {at_time(parent(2), 30)}, false, ""},
      {"a parent 31 s younger", {two}, {at_time(parent(2), 31)}, false, "parent_newer"},
      {"a token at hand that is no parent may be younger",
       {two},
       {parent(2), at_time(parent(3), 500)},
       false,
       ""},
      {"the same workflow", {two}, {of_workflow(parent(2), 200)}, false, ""},
      {"another workflow", {two}, {of_workflow(parent(2), 201)}, false, "workflow_mismatch"},
      {"another workflow, allowed", {two}, {of_workflow(parent(2), 201)}, true, ""},
      {"a parent that names no workflow", {two}, {parent(2)}, false, ""},
      {"a parent that is not at hand", {two}, {}, false, ""},
  };
  for (const Case& one_case : cases) {
    Claims child = sample_claims();
    child.wid = sample_id(200);
    child.pred = one_case.pred;
    EXPECT_EQ(reason(check_parents(child, one_case.at_hand, one_case.other_workflow)),
              one_case.expect)
        << one_case.name;
  }
}

Uuid numbered(std::uint32_t number) {
  Uuid id = sample_id(0);
  id.bytes[12] = static_cast<std::uint8_t>(number >> 16);
  id.bytes[13] = static_cast<std::uint8_t>(number >> 8);
  id.bytes[14] = static_cast<std::uint8_t>(number);
  return id;
}

TEST(EctParents, TenThousandInlineAncestorsAreTheLimit) {
  for (const std::size_t length : {kMaxAncestors, kMaxAncestors + 1}) {
    std::vector<Parent> chain;
    for (std::uint32_t i = 1; i <= length; ++i) {
      Parent link{.claims = sample_claims()};
      link.claims.jti = numbered(i);
      if (i > 1) {
        link.claims.pred = {numbered(i - 1)};
      }
      chain.push_back(std::move(link));
    }
    Claims child = sample_claims();
    child.pred = {numbered(static_cast<std::uint32_t>(length))};
    EXPECT_EQ(reason(check_parents(child, chain, false)),
              length == kMaxAncestors ? "" : "too_many_ancestors");
  }
}

TEST(EctParents, MissingOnesAreNamedInOrder) {
  Claims child = sample_claims();
  child.pred = {sample_id(4), sample_id(3), sample_id(2)};
  EXPECT_EQ(missing_parents(child, {parent(3)}), (std::vector<Uuid>{sample_id(4), sample_id(2)}));
  EXPECT_TRUE(missing_parents(child, {parent(2), parent(3), parent(4)}).empty());
}

TEST(EctParents, ARefusedParentIsFollowedByCompensationOnly) {
  struct Case {
    const char* decision;  // nullptr: none
    bool compensates;
    bool named;
    const char* expect;
  };
  const Case cases[] = {
      {nullptr, false, true, ""},
      {"approved", false, true, ""},
      {"rejected", false, true, "parent_refused"},
      {"pending_human_review", false, true, "parent_refused"},
      {"some later value", false, true, "parent_refused"},
      {"rejected", true, true, ""},
      {"rejected", false, false, ""},
  };
  for (const Case& one : cases) {
    Parent above = parent(2);
    if (one.decision != nullptr) {
      above.claims.ext["pol"] = "default";
      above.claims.ext["pol_decision"] = one.decision;
    }
    Claims child = sample_claims();
    if (one.named) {
      child.pred = {sample_id(2)};
    }
    child.ext["compensation_required"] = one.compensates;
    EXPECT_EQ(reason(check_parent_decisions(child, {above})), one.expect)
        << (one.decision ? one.decision : "none");
  }
}

}  // namespace
}  // namespace pawl::ect

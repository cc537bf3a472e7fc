// A full set of claims that every test of this folder starts from.
#pragma once

#include "foundation/ect/ect.h"

namespace pawl::ect {

inline constexpr std::int64_t kSampleTime = 1'772'064'150;

inline Uuid sample_id(std::uint8_t number) {
  Uuid id;
  id.bytes = {0x01, 0x9c, 0x96, 0xf1, 0x2e, 0x70, 0x7c, 0x4b, 0x9d, 0x1a, 0, 0, 0, 0, 0, number};
  return id;
}

inline Claims sample_claims() {
  Claims claims;
  claims.iss = "spiffe://example.org/pawl/gw1";
  claims.aud = {"spiffe://example.org/pawl/ledger"};
  claims.iat = kSampleTime;
  claims.exp = kSampleTime + kLifetimeSeconds;
  claims.jti = sample_id(1);
  claims.exec_act = "tool.call";
  return claims;
}

}  // namespace pawl::ect

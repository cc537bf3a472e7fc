// The table of wire names (names.h), in CBOR: numbers and the type that stands beside them.
#pragma once

#include <cstdint>
#include <string_view>

namespace pawl::names {

inline constexpr std::string_view kCoseTypEct = "application/exec+cwt";  // ectcbor-00, OURS

// keys of the CBOR form (ectcbor-00, CERTAIN; 300 and above are the author's and unregistered)
inline constexpr std::int64_t kCborIss = 1, kCborAud = 3, kCborExp = 4, kCborIat = 6,
                              kCborCti = 7;  // RFC 8392
inline constexpr std::int64_t kCborWid = 300, kCborExecAct = 301, kCborPar = 302, kCborPol = 303,
                              kCborPolDecision = 304, kCborPolEnforcer = 305,
                              kCborPolTimestamp = 306, kCborInpHash = 307, kCborOutHash = 308;
inline constexpr std::int64_t kCborExt = 309;     // pawl-1, OURS
inline constexpr std::int64_t kCoseSha256 = -16;  // PROBABLE

}  // namespace pawl::names

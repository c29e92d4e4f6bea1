#pragma once

#include <functional>
#include <string>
#include <vector>

namespace cortifold::benchmarks {

/// One way to do a thing. `bytes`: what a run reads, to be shown as a rate; 0: not shown.
struct Variant {
    std::string name;
    std::function<void()> run;
    double bytes = 0.0;
};

enum class Length { short_run, long_run };  ///< below a tenth of a second, or up to a minute

/// Variants of one thing, timed in turn in one program: the first is ours, each other is shown with
/// how many times longer it takes.
struct Comparison {
    std::string title;
    std::vector<Variant> variants;
    std::string remark{};  ///< a figure that is no time, such as an error
    Length length = Length::short_run;
};
void compare(const Comparison& comparison);

/// Ends the program where two ways do not give the same: the time of a wrong result means nothing.
void expect_equal(double relative_difference, double tolerance, const std::string& what);

/// Keeps a result alive, so that its computation is not optimized away.
void keep(const double* data);
void keep(double value);

// One function a source, which registers its comparisons.
void compare_right_hand_sides();
void compare_jacobians();
void compare_simulations();
void compare_lyapunov();
void compare_master_stability();
void compare_mean_field();
void compare_solves();
void compare_sparse_spectra();
void compare_spectra();
void compare_products();
void compare_tapes();
void compare_readers();

}  // namespace cortifold::benchmarks

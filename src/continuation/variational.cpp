#include "variational.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace cortifold {

namespace {

/// A row a state: its value, its changes in each direction, and with the parameter.
using Rows = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int most_steps = 100000;          ///< of a passage
constexpr double shortest_step = 1e-13;     ///< of its duration
constexpr double first_change = 0.1;        ///< of the states, in the first step that is tried
constexpr double longest_first_step = 0.1;  ///< of the duration
constexpr double safety = 0.9, most_shrinking = 0.2, most_growth = 5.0;
/// |F_x| times the time of a transfer: none spans more than its exponential.
constexpr double longest_transfer = 5.0;
/// More states are followed by one transfer alone: more are too many for a periodic Schur form.
constexpr Eigen::Index most_cut = 100;

// Dormand & Prince 1989; Hairer, Norsett & Wanner 1993, section II.10.
constexpr int stages = 12;
using Weights = std::array<double, stages>;
constexpr std::array<Weights, stages> stage_weights{{
    {},
    {0.05260015195876773},
    {0.0197250569845379, 0.0591751709536137},
    {0.02958758547680685, 0.0, 0.08876275643042054},
    {0.2413651341592667, 0.0, -0.8845494793282861, 0.924834003261792},
    {0.037037037037037035, 0.0, 0.0, 0.17082860872947386, 0.12546768756682242},
    {0.037109375, 0.0, 0.0, 0.17025221101954405, 0.06021653898045596, -0.017578125},
    {0.03709200011850479, 0.0, 0.0, 0.17038392571223998, 0.10726203044637328, -0.015319437748624402,
     0.008273789163814023},
    {0.6241109587160757, 0.0, 0.0, -3.3608926294469414, -0.868219346841726, 27.59209969944671,
     20.154067550477894, -43.48988418106996},
    {0.47766253643826434, 0.0, 0.0, -2.4881146199716677, -0.590290826836843, 21.230051448181193,
     15.279233632882423, -33.28821096898486, -0.020331201708508627},
    {-0.9371424300859873, 0.0, 0.0, 5.186372428844064, 1.0914373489967295, -8.149787010746927,
     -18.52006565999696, 22.739487099350505, 2.4936055526796523, -3.0467644718982196},
    {2.273310147516538, 0.0, 0.0, -10.53449546673725, -2.0008720582248625, -17.9589318631188,
     27.94888452941996, -2.8589982771350235, -8.87285693353063, 12.360567175794303,
     0.6433927460157636},
}};
constexpr Weights end_weights{0.054293734116568765,
                              0.0,
                              0.0,
                              0.0,
                              0.0,
                              4.450312892752409,
                              1.8915178993145003,
                              -5.801203960010585,
                              0.3111643669578199,
                              -0.1521609496625161,
                              0.20136540080403034,
                              0.04471061572777259};
constexpr Weights fifth_order_error{0.01312004499419488,
                                    0.0,
                                    0.0,
                                    0.0,
                                    0.0,
                                    -1.2251564463762044,
                                    -0.4957589496572502,
                                    1.6643771824549864,
                                    -0.35032884874997366,
                                    0.3341791187130175,
                                    0.08192320648511571,
                                    -0.022355307863886294};
constexpr Weights third_order_error{-0.18980075407240762,
                                    0.0,
                                    0.0,
                                    0.0,
                                    0.0,
                                    4.450312892752409,
                                    1.8915178993145003,
                                    -5.801203960010585,
                                    -0.4226823213237919,
                                    -0.1521609496625161,
                                    0.20136540080403034,
                                    0.02265179219836082};
constexpr double share_of_third_order = 0.01;

/// x' = F and Y' = F_x Y, by the entries of F_x that are not zero: in a network most are.
class Variation {
public:
    Variation(const VectorField& field, ConstVectorRef p, std::size_t parameter, const Sizes& sizes)
        : field_(field),
          p_(p),
          free_{parameter},
          sizes_(sizes),
          x_(field.dimension()),
          f_(x_.size()),
          f_x_(x_.size(), x_.size()),
          f_p_(x_.size(), 1) {}

    /// Returns the divergence of the field.
    double operator()(const Rows& y, Rows& slope) {
        x_ = y.col(0);
        field_.linearize(x_, p_, free_, f_, f_x_, f_p_);
        slope.setZero();
        const Eigen::Index changes = y.cols() - 1;
        for (Eigen::Index j = 0; j < f_x_.cols(); ++j)
            for (Eigen::Index i = 0; i < f_x_.rows(); ++i)
                if (const double entry = f_x_(i, j); entry != 0.0)
                    slope.row(i).tail(changes) += entry * y.row(j).tail(changes);
        slope.col(0) = f_;
        slope.rightCols<1>() += sizes_.parameter * f_p_;
        return f_x_.trace();
    }

    /// |F_x| in parts of the sizes, where it was linearized last.
    [[nodiscard]] double stiffness() const {
        return (sizes_.states.cwiseInverse().asDiagonal() * f_x_ * sizes_.states.asDiagonal())
            .norm();
    }

private:
    const VectorField& field_;
    Vector p_;
    std::array<std::size_t, 1> free_;
    const Sizes& sizes_;
    Vector x_, f_;
    Matrix f_x_, f_p_;
};

/// Takes steps of a system along y.
class Integrator {
public:
    Integrator(Variation& system, Rows start, const Vector& sizes, double tolerance)
        : y(std::move(start)),
          system_(system),
          inverse_(sizes.cwiseInverse()),
          tolerance_(tolerance) {
        for (Rows& slope : slopes_) slope.resizeLike(y);
        sum_.resizeLike(y);
    }

    Rows y;
    double divergence = 0.0;  ///< integrated along

    /// All the way; `after` is called after each step, with its length, and may change y.
    template <class After>
    Status run(double duration, const After& after) {
        if (!(duration > 0.0)) return Status::non_finite;
        rates_[0] = system_(y, slopes_[0]);
        double t = 0.0, h = std::min(first_step(), longest_first_step * duration);
        for (int k = 0; k < most_steps; ++k) {
            const bool last = t + h >= duration;
            const double step = last ? duration - t : h;
            const double error = try_step(step);
            h = step * (std::isfinite(error) ? growth(error) : most_shrinking);
            if (error <= 1.0) {
                after(step);
                if (last) return Status::converged;
                t += step;
                rates_[0] = system_(y, slopes_[0]);
            }
            if (!(h > shortest_step * duration))
                return std::isfinite(error) ? Status::step_too_small : Status::non_finite;
        }
        return Status::iteration_limit;
    }

private:
    [[nodiscard]] double first_step() const {
        return first_change / slopes_[0].col(0).cwiseProduct(inverse_).cwiseAbs().maxCoeff();
    }
    static double growth(double error) {
        return std::clamp(safety * std::pow(error, -1.0 / 8.0), most_shrinking, most_growth);
    }

    /// Returns the error in units of the tolerance, and where that is at most 1 goes there.
    double try_step(double h) {
        for (std::size_t i = 1; i < stages; ++i) {
            combine(stage_weights[i], h);
            rates_[i] = system_(sum_, slopes_[i]);
        }
        const double error = local_error(h);
        if (!(error <= 1.0)) return error;
        combine(end_weights, h);
        if (!sum_.allFinite()) return std::numeric_limits<double>::infinity();
        y.swap(sum_);
        for (std::size_t i = 0; i < stages; ++i) divergence += h * end_weights[i] * rates_[i];
        return error;
    }

    /// sum = y + h sum_j w_j slope_j, row by row, so that a row stays at hand.
    void combine(const Weights& weights, double h) {
        for (Eigen::Index row = 0; row < y.rows(); ++row) {
            sum_.row(row) = y.row(row);
            add_slopes(weights, h, row, sum_.row(row));
        }
    }
    template <class Row>
    void add_slopes(const Weights& weights, double h, Eigen::Index row, Row&& sum) const {
        for (std::size_t j = 0; j < stages; ++j)
            if (weights[j] != 0.0) sum += h * weights[j] * slopes_[j].row(row);
    }

    /// Of the state in parts of its sizes, of changes in parts of their own where these are larger.
    [[nodiscard]] double local_error(double h) {
        largest_.setZero(3, y.cols());  // of y, of the errors of fifth and third order
        for (Eigen::Index row = 0; row < y.rows(); ++row) {
            errors_.setZero(3, y.cols());
            errors_.row(0) = y.row(row);
            add_slopes(fifth_order_error, h, row, errors_.row(1));
            add_slopes(third_order_error, h, row, errors_.row(2));
            largest_ = largest_.cwiseMax((inverse_[row] * errors_).cwiseAbs());
        }
        largest_.row(0) = largest_.row(0).cwiseMax(1.0);
        largest_(0, 0) = 1.0;
        const auto part = [&](Eigen::Index order) {
            return largest_.row(order).cwiseQuotient(largest_.row(0)).maxCoeff() / tolerance_;
        };
        const double fifth = part(1), third = part(2),
                     both = std::sqrt(fifth * fifth + share_of_third_order * third * third);
        return both > 0.0 ? fifth * fifth / both : both;
    }

    Variation& system_;
    Vector inverse_;
    double tolerance_;
    std::array<Rows, stages> slopes_;
    Weights rates_{};
    Rows sum_, errors_, largest_;
};

/// The state, directions and no change with the parameter yet.
Rows beginning(ConstVectorRef x, const Sizes& sizes, ConstMatrixRef directions) {
    Rows y(x.size(), directions.cols() + 2);
    y << x, sizes.states.asDiagonal() * directions, Vector::Zero(x.size());
    return y;
}

void widen(Passage& passage, ConstVectorRef x) {
    passage.minimum = passage.minimum.cwiseMin(x);
    passage.maximum = passage.maximum.cwiseMax(x);
}

void finish(Passage& passage, const Rows& y, const Sizes& sizes) {
    passage.end = y.col(0);
    passage.changes = sizes.states.cwiseInverse().asDiagonal() * y.middleCols(1, y.cols() - 2);
    passage.by_parameter = y.rightCols<1>() / sizes.parameter;
}

}  // namespace

Passage VariationalFlow::follow(ConstVectorRef x, ConstVectorRef p, double duration,
                                const Sizes& sizes, ConstMatrixRef directions) const {
    Variation system(field_, p, parameter_, sizes);
    Integrator integrator(system, beginning(x, sizes, directions), sizes.states, tolerance_);
    Passage passage{.minimum = x, .maximum = x};
    passage.status = integrator.run(duration, [&](double) { widen(passage, integrator.y.col(0)); });
    finish(passage, integrator.y, sizes);
    return passage;
}

Passage VariationalFlow::follow_all(ConstVectorRef x, ConstVectorRef p, double duration,
                                    const Sizes& sizes) const {
    const Eigen::Index n = x.size();
    const Matrix all = Matrix::Identity(n, n);
    Variation system(field_, p, parameter_, sizes);
    Integrator integrator(system, beginning(x, sizes, all), sizes.states, tolerance_);
    Passage passage{.changes = all, .minimum = x, .maximum = x};
    double stretch = 0.0, since_cut = 0.0;
    Vector flow(n);
    const auto cut = [&] {
        auto changes = integrator.y.middleCols(1, n);
        passage.transfers.push_back(sizes.states.cwiseInverse().asDiagonal() * changes);
        passage.changes = passage.transfers.back() * passage.changes;
        changes = sizes.states.asDiagonal();
        field_.rhs(integrator.y.col(0), p, flow);
        passage.flows.push_back(flow.cwiseQuotient(sizes.states));
        passage.durations.push_back(since_cut);
        stretch = since_cut = 0.0;
    };
    passage.status = integrator.run(duration, [&](double step) {
        widen(passage, integrator.y.col(0));
        stretch += step * system.stiffness();
        since_cut += step;
        if (stretch > longest_transfer && n <= most_cut) cut();
    });
    if (since_cut > 0.0) cut();
    const Matrix changes = std::move(passage.changes);
    finish(passage, integrator.y, sizes);
    passage.changes = changes;
    passage.divergence = integrator.divergence;
    return passage;
}

}  // namespace cortifold

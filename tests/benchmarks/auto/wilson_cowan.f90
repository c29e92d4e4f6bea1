! Wilson & Cowan 1972, doi:10.1016/S0006-3495(72)86068-5, with the parameters of their limit cycle.
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
    implicit none
    integer, intent(in) :: ndim, icp(*), ijac
    double precision, intent(in) :: u(ndim), par(*)
    double precision, intent(out) :: f(ndim)
    double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
    double precision, parameter :: c1 = 16, c2 = 12, c3 = 15, c4 = 3
    double precision, parameter :: a_e = 1.3d0, theta_e = 4, a_i = 2, theta_i = 3.7d0
    double precision, parameter :: rest_e = 1 / (1 + exp(a_e * theta_e))
    double precision, parameter :: rest_i = 1 / (1 + exp(a_i * theta_i))
    associate (e => u(1), i => u(2), p => par(1), q => par(2))
        f(1) = -e + (1 - rest_e - e) * (logistic(a_e * (c1 * e - c2 * i + p - theta_e)) - rest_e)
        f(2) = -i + (1 - rest_i - i) * (logistic(a_i * (c3 * e - c4 * i + q - theta_i)) - rest_i)
    end associate
contains
    pure double precision function logistic(x)
        double precision, intent(in) :: x
        logistic = 1 / (1 + exp(-x))
    end function
end subroutine

subroutine stpnt(ndim, u, par, t)
    implicit none
    integer, intent(in) :: ndim
    double precision, intent(out) :: u(ndim)
    double precision, intent(inout) :: par(*)
    double precision, intent(in) :: t
    u = 0
    par(1:2) = 0
end subroutine

! Hodgkin & Huxley 1952, doi:10.1113/jphysiol.1952.sp004764, with potentials in today's sign.
subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
    implicit none
    integer, intent(in) :: ndim, icp(*), ijac
    double precision, intent(in) :: u(ndim), par(*)
    double precision, intent(out) :: f(ndim)
    double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
    double precision, parameter :: g_Na = 120, g_K = 36, g_L = 0.3d0
    double precision, parameter :: E_Na = 50, E_K = -77, E_L = -54.4d0
    double precision :: s
    associate (V => u(1), m => u(2), h => u(3), n => u(4), I => par(1))
        f(1) = I - g_Na * m**3 * h * (V - E_Na) - g_K * n**4 * (V - E_K) - g_L * (V - E_L)
        f(2) = ramp((V + 40) / 10) * (1 - m) - 4 * exp(-(V + 65) / 18) * m
        f(3) = 0.07d0 * exp(-(V + 65) / 20) * (1 - h) - h / (1 + exp(-(V + 35) / 10))
        f(4) = 0.1d0 * ramp((V + 55) / 10) * (1 - n) - 0.125d0 * exp(-(V + 65) / 80) * n
        if (ijac == 0) return
        dfdu = 0
        dfdu(1, 1) = -g_Na * m**3 * h - g_K * n**4 - g_L
        dfdu(1, 2) = -3 * g_Na * m**2 * h * (V - E_Na)
        dfdu(1, 3) = -g_Na * m**3 * (V - E_Na)
        dfdu(1, 4) = -4 * g_K * n**3 * (V - E_K)
        dfdu(2, 1) = ramp_slope((V + 40) / 10) / 10 * (1 - m) + 4 * exp(-(V + 65) / 18) / 18 * m
        dfdu(2, 2) = -ramp((V + 40) / 10) - 4 * exp(-(V + 65) / 18)
        s = 1 / (1 + exp(-(V + 35) / 10))
        dfdu(3, 1) = -0.07d0 * exp(-(V + 65) / 20) / 20 * (1 - h) - h * s * (1 - s) / 10
        dfdu(3, 3) = -0.07d0 * exp(-(V + 65) / 20) - s
        dfdu(4, 1) = 0.01d0 * ramp_slope((V + 55) / 10) * (1 - n) &
            + 0.125d0 * exp(-(V + 65) / 80) / 80 * n
        dfdu(4, 4) = -0.1d0 * ramp((V + 55) / 10) - 0.125d0 * exp(-(V + 65) / 80)
        if (ijac == 1) return
        dfdp(:, 1) = [1, 0, 0, 0]
    end associate
contains
    pure double precision function ramp_slope(s)
        double precision, intent(in) :: s
        ramp_slope = (1 - (1 + s) * exp(-s)) / (1 - exp(-s))**2
    end function

    pure double precision function ramp(s)
        double precision, intent(in) :: s
        ramp = s / (1 - exp(-s))
    end function
end subroutine

! Rest without current: AUTO takes the first point as it is.
subroutine stpnt(ndim, u, par, t)
    implicit none
    integer, intent(in) :: ndim
    double precision, intent(out) :: u(ndim)
    double precision, intent(inout) :: par(*)
    double precision, intent(in) :: t
    u = [-64.999722434d0, 0.052934217621d0, 0.59611104635d0, 0.31768116758d0]
    par(1) = 0
end subroutine

! Jansen & Rit 1995, doi:10.1007/BF00199471: one node, or ndim / 6 nodes that send each other their
! firing rates. From input.txt: y1 - y2 at the start, where all nodes are alike, the strength of the
! coupling and its weights (a row a receiving node, with sum 1). States are ordered by variable,
! then node. Parameters: 1 the external rate p, 2 the strength of the coupling, 3 the contacts C,
! 4 the unit of time in s, by which velocities are counted, too.
module network
    implicit none
    double precision, parameter :: Ae = 3.25d0, a = 100, Bi = 22, b = 50
    double precision, parameter :: e0 = 2.5d0, r = 0.56d0, v0 = 6
    double precision, allocatable :: weights(:, :)
    double precision :: difference, strength
contains
    elemental double precision function response(v)
        double precision, intent(in) :: v
        response = 2 * e0 / (1 + exp(r * (v0 - v)))
    end function

    elemental double precision function slope(rate)
        double precision, intent(in) :: rate
        slope = r * rate * (1 - rate / (2 * e0))
    end function

    ! By the first thread that comes here: AUTO calls func from several.
    subroutine read_input(n)
        integer, intent(in) :: n
        logical, save :: known = .false.
        integer :: file
        !$omp critical
        if (.not. known) then
            allocate(weights(n, n))
            open(newunit=file, file='input.txt', status='old', action='read')
            read(file, *) difference, strength, weights
            close(file)
            weights = transpose(weights)
            known = .true.
        end if
        !$omp end critical
    end subroutine

    ! f_x, and f_p of the four parameters. Rates are of pyramidal cells and of both interneurons.
    subroutine derivatives(n, u, par, rate, excited, inhibited, dfdu, dfdp, want_dfdp)
        integer, intent(in) :: n
        double precision, intent(in) :: u(n, 0:5), par(*), rate(n), excited(n), inhibited(n)
        double precision, intent(inout) :: dfdu(n, 0:5, n, 0:5), dfdp(n, 0:5, *)
        logical, intent(in) :: want_dfdp
        double precision :: unit, C
        integer :: i
        C = par(3)
        unit = par(4)
        dfdu = 0
        do i = 1, n
            dfdu(i, 0, i, 3) = 1
            dfdu(i, 1, i, 4) = 1
            dfdu(i, 2, i, 5) = 1
            dfdu(i, 3, i, 0) = -(a * unit)**2
            dfdu(i, 4, i, 1) = -(a * unit)**2
            dfdu(i, 5, i, 2) = -(b * unit)**2
            dfdu(i, 3, i, 3) = -2 * a * unit
            dfdu(i, 4, i, 4) = -2 * a * unit
            dfdu(i, 5, i, 5) = -2 * b * unit
            dfdu(i, 3, i, 1) = Ae * a * unit**2 * slope(rate(i))
            dfdu(i, 3, i, 2) = -dfdu(i, 3, i, 1)
            dfdu(i, 4, i, 0) = Ae * a * unit**2 * 0.8d0 * C**2 * slope(excited(i))
            dfdu(i, 5, i, 0) = Bi * b * unit**2 * (0.25d0 * C)**2 * slope(inhibited(i))
        end do
        if (n == 1) then
            dfdu(1, 4, 1, 1) = dfdu(1, 4, 1, 1) + par(2) * dfdu(1, 3, 1, 1)
            dfdu(1, 4, 1, 2) = -par(2) * dfdu(1, 3, 1, 1)
        else
            do i = 1, n
                dfdu(:, 4, i, 1) = dfdu(:, 4, i, 1) + par(2) * dfdu(i, 3, i, 1) * weights(:, i)
                dfdu(:, 4, i, 2) = -par(2) * dfdu(i, 3, i, 1) * weights(:, i)
            end do
        end if
        if (.not. want_dfdp) return
        dfdp(:, :, 1:4) = 0
        dfdp(:, 4, 1) = Ae * a * unit**2
        dfdp(:, 4, 2) = Ae * a * unit**2 * rate
        if (n > 1) dfdp(:, 4, 2) = Ae * a * unit**2 * matmul(weights, rate)
        dfdp(:, 4, 3) = Ae * a * unit**2 * 0.8d0 * (excited + C * slope(excited) * u(:, 0))
        dfdp(:, 5, 3) = Bi * b * unit**2 * 0.25d0 &
            * (inhibited + 0.25d0 * C * slope(inhibited) * u(:, 0))
    end subroutine
end module

subroutine func(ndim, u, icp, par, ijac, f, dfdu, dfdp)
    use network
    implicit none
    integer, intent(in) :: ndim, icp(*), ijac
    double precision, intent(in) :: u(ndim / 6, 0:5), par(*)
    double precision, intent(out) :: f(ndim / 6, 0:5)
    double precision, intent(inout) :: dfdu(ndim, ndim), dfdp(ndim, *)
    double precision, dimension(ndim / 6) :: rate, excited, inhibited, drive
    double precision :: unit
    if (ndim > 6) call read_input(ndim / 6)
    associate (C => par(3))
        unit = par(4)
        rate = response(u(:, 1) - u(:, 2))
        excited = response(C * u(:, 0))
        inhibited = response(0.25d0 * C * u(:, 0))
        if (ndim > 6) then
            drive = par(1) + par(2) * matmul(weights, rate)
        else
            drive = par(1) + par(2) * rate
        end if
        f(:, 0:2) = u(:, 3:5)
        f(:, 3) = Ae * a * unit**2 * rate - 2 * a * unit * u(:, 3) - (a * unit)**2 * u(:, 0)
        f(:, 4) = Ae * a * unit**2 * (drive + 0.8d0 * C * excited) - 2 * a * unit * u(:, 4) &
            - (a * unit)**2 * u(:, 1)
        f(:, 5) = Bi * b * unit**2 * 0.25d0 * C * inhibited - 2 * b * unit * u(:, 5) &
            - (b * unit)**2 * u(:, 2)
    end associate
    if (ijac > 0) call derivatives(ndim / 6, u, par, rate, excited, inhibited, dfdu, dfdp, ijac > 1)
end subroutine

! Of equal nodes all equilibria are known by x = y1 - y2.
subroutine stpnt(ndim, u, par, t)
    use network
    implicit none
    integer, intent(in) :: ndim
    double precision, intent(out) :: u(ndim / 6, 0:5)
    double precision, intent(inout) :: par(*)
    double precision, intent(in) :: t
    call read_input(ndim / 6)
    associate (x => difference, C => par(3))
        par(2) = strength
        par(3) = 135
        par(4) = 1
        u = 0
        u(:, 0) = Ae / a * response(x)
        u(:, 2) = Bi / b * 0.25d0 * C * response(0.25d0 * C * u(:, 0))
        u(:, 1) = x + u(:, 2)
        par(1) = a / Ae * u(1, 1) - 0.8d0 * C * response(C * u(1, 0)) - strength * response(x)
    end associate
end subroutine

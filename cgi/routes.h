/* Which address, which method, which role, which page. */
#ifndef ROUTES_H
#define ROUTES_H

#include "web.h"

/* Answers the request: status, headers and body are set on return. */
void	routes_answer(struct web *);

/* The pages. 0 when the answer is made; -1 with the sentence of what
 * failed, which becomes a 500. */
int	list_get(struct web *, struct err *);
int	new_get(struct web *, struct err *);
int	new_post(struct web *, struct err *);
int	start_post(struct web *, struct err *);
int	case_page_get(struct web *, struct err *);
int	certificate_page_get(struct web *, struct err *);
int	certificate_json_get(struct web *, struct err *);
int	certificate_sig_get(struct web *, struct err *);
int	act_get(struct web *, struct err *);
int	act_post(struct web *, struct err *);
int	tasks_get(struct web *, struct err *);
int	tasks_post(struct web *, struct err *);
int	systems_get(struct web *, struct err *);
int	hosts_get(struct web *, struct err *);
int	audit_get(struct web *, struct err *);
int	health_get(struct web *, struct err *);
int	report_post(struct web *, struct err *);

#endif
